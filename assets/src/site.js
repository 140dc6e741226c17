// What every page does beyond links and forms; reading never needs it.
import "htmx.org";
import { listenToKeys } from "./keys.js";
import { openFind } from "./find.js";
import { oneSubmission } from "./forms.js";

listenToKeys({ find: openFind });
oneSubmission();
