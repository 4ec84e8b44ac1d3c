"""What devices tell by MQTT: taken in through a broker that need not be trusted, for each message is signed.

A message on `linli/devices/<id>/events` is a compact JWS by the device's key over one event. It is acknowledged when it
is in the database, or can never be; a broker keeps what we have not acknowledged, for a day.
"""

import asyncio
import socket
import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from prometheus_client import Counter

from gateway.console.devices.enrol_device import key_of_device
from gateway.console.devices.report_events import Report, report_events
from gateway.console.devices.rules import Told, open_signed
from shared.database import Database, is_passing
from shared.errors import Refusal

TOPIC = "$share/linli/linli/devices/+/events"
KEPT_S = 24 * 3600
RETRY_S = 1.0
MESSAGES = Counter("linli_device_messages_total", "Messages of devices by MQTT, by what became of them", ["outcome"])

log = structlog.get_logger()


class Mqtt:
    """Takes in what comes over one broker.

    Args:
        url: `mqtt://[user:password@]host[:port]`.
        key: Opens the devices' keys.
    """

    def __init__(self, url: str, key: bytes) -> None:
        self._url = urlsplit(url)
        self._key = key

    async def run(self, database: Database) -> None:
        """Take in messages until cancelled; the connection is made again whenever it is lost."""
        loop = asyncio.get_running_loop()
        client = Client(CallbackAPIVersion.VERSION2, f"linli-{socket.gethostname()}", protocol=MQTTv5, manual_ack=True)
        client.username_pw_set(self._url.username, self._url.password)
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        session.SessionExpiryInterval = KEPT_S
        client.on_connect = _subscribe

        def hand_over(_: Client, __: object, message: MQTTMessage) -> None:
            asyncio.run_coroutine_threadsafe(self._take(database, client, message), loop)

        client.on_message = hand_over
        host, port = self._url.hostname or "localhost", self._url.port or 1883
        client.connect_async(host, port, clean_start=False, properties=session)
        client.loop_start()
        try:
            await asyncio.Event().wait()
        finally:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    async def _take(self, database: Database, client: Client, message: MQTTMessage) -> None:
        """Take a message in, and acknowledge it; one that meets a fault of ours stays with the broker."""
        while True:
            try:
                outcome = "new" if await self._note(database, message) else "known"
            except (Refusal, ValueError) as error:
                outcome = "refused"
                log.warning("device message refused", topic=message.topic[:100], reason=type(error).__name__)
            except Exception as error:
                if not is_passing(error):
                    log.exception("device message not taken", topic=message.topic[:100])
                    return
                await asyncio.sleep(RETRY_S)
                continue
            MESSAGES.labels(outcome).inc()
            client.ack(message.mid, message.qos)
            return

    async def _note(self, database: Database, message: MQTTMessage) -> int:
        device_id = uuid.UUID(message.topic.split("/")[2])
        async with database.transaction() as session:
            device, key = await key_of_device(session, device_id, key=self._key)
            told = Told.model_validate(open_signed(message.payload.decode("ascii"), key))
            return await report_events(session, Report(device.id, [told], "mqtt", datetime.now(UTC)))


def _subscribe(client: Client, *_: object) -> None:
    client.subscribe(TOPIC, qos=1)
