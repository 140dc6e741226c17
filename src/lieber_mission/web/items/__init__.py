"""Items and the accounts they hold."""
