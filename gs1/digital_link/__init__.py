"""GS1 Digital Link: URIs that carry AIs, and templates of links."""

from gs1.digital_link.link import CANONICAL, DigitalLink

__all__ = ["CANONICAL", "DigitalLink"]
