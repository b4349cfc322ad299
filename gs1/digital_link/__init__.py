"""GS1 Digital Link: URIs that carry AIs, and templates of links."""

from gs1.digital_link.link import CANONICAL, DigitalLink
from gs1.digital_link.template import LinkTemplate

__all__ = ["CANONICAL", "DigitalLink", "LinkTemplate"]
