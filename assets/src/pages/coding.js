// Coding beside the item: passages are chosen with mouse or keys and their place is put into the field; what is
// typed is kept as a draft. Without this places are typed, and the form is sent as it is.
import { keepDrafts } from "../drafts.js";
import { point } from "../passages.js";

keepDrafts();
point();
