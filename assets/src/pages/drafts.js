// What is typed into a long form is kept as a draft. Without this the form is sent as it is.
import { keepDrafts } from "../drafts.js";

keepDrafts();
