"""Every read: values of the register as of an instant, for a viewer."""
