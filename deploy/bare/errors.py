"""What the launcher tells a person who cannot get on."""


class LaunchError(Exception):
    """The platform cannot do what was asked; the message says why and what to do, Chinese first."""
