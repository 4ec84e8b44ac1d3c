"""What services tell each other: frozen past-tense models, declared once, by the service that publishes them.

A field may be added with a default; none is renamed, removed or given another meaning. Events carry pseudonymous ids,
never a name, a phone number or an address.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.fields import CommunityCode


class Event(BaseModel):
    """Something that happened in a community.

    `type` is its stable name, `<topic>.<what-happened>.v<n>`; the topic is its producer.
    """

    model_config = ConfigDict(frozen=True)

    type: ClassVar[str]
    community_code: CommunityCode

    @property
    def key(self) -> str:
        """What the order of events is kept for: by default the community."""
        return self.community_code

    @classmethod
    def topic(cls) -> str:
        """Return the topic, which is the producing service's name."""
        return cls.type.partition(".")[0]
