"""A client of the admin API: what a test in Python needs to steer a world and to see what happened in it.

It speaks HTTP to any mock server, in this process, on this machine or in a container; of the server it imports nothing.
"""

from billecta_mock.client.connection import ControlError, UnreachableError
from billecta_mock.client.journal import Expectation, at_least, at_most, between, exactly, never
from billecta_mock.client.keys import Keys
from billecta_mock.client.mock import MockClient
from billecta_mock.client.models import Event, Exchange, Move, Payment, Rule
from billecta_mock.client.rules import RuleAction, ends, never_answers, pays, refuses, responds, waits
from billecta_mock.client.world import WorldClient

__all__ = [
    "ControlError",
    "Event",
    "Exchange",
    "Expectation",
    "Keys",
    "MockClient",
    "Move",
    "Payment",
    "Rule",
    "RuleAction",
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
