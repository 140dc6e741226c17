// What every page does beyond links and forms; reading never needs it.
import "htmx.org";
import { copyIds } from "./copy.js";
import { listenToKeys } from "./keys.js";
import { openFind } from "./find.js";
import { oneSubmission, sayWhatFailed } from "./forms.js";
import { reachWide } from "./wide.js";

listenToKeys({ find: openFind });
oneSubmission();
sayWhatFailed();
copyIds();
reachWide();
