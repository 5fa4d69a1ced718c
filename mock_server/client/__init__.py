"""A client of the control plane: what a test in Python needs to steer a world and to see what happened in it.

It speaks HTTP to any mock server, in this process, on this machine or in a container; of the server it imports nothing.
"""

from mock_server.client.claims import Claim, at_least, at_most, between, exactly, never
from mock_server.client.errors import ControlError, UnreachableError
from mock_server.client.keys import Keys
from mock_server.client.mock import MockClient
from mock_server.client.outcomes import Outcome, ends, never_answers, pays, refuses, responds, waits
from mock_server.client.records import Event, Exchange, Move, Payment, Rule
from mock_server.client.world import WorldClient

__all__ = [
    "Claim",
    "ControlError",
    "Event",
    "Exchange",
    "Keys",
    "MockClient",
    "Move",
    "Outcome",
    "Payment",
    "Rule",
    "UnreachableError",
    "WorldClient",
    "at_least",
    "at_most",
    "between",
    "ends",
    "exactly",
    "never",
    "never_answers",
    "pays",
    "refuses",
    "responds",
    "waits",
]
