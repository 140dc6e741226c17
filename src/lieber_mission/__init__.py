"""The site: Django around the method. Pages and commands call actions and queries; rules live in `lieber`."""
