"""Other people's published rules around delegated mail, expressed afresh, to be asked of the same records.

Each keeps its own conditions, its holes included, and nothing more: what a rule does not say is not added. Who
publishes no conditions is not here: Exabeam, Vectra and Cortex describe behaviour without numbers, MITRE's DET0373
names what to tune without values, STAT asks about the people of an incident that somebody else found, and Microsoft's
extractor, CrowdStrike's CRT, Mandiant's and CISA's tools read what stands and not what happens.
"""

from workbench.evaluation.peers.elastic import ELASTIC
from workbench.evaluation.peers.escu import ESCU
from workbench.evaluation.peers.others import DATADOG, HAWK, MANAGEENGINE, PANTHER, RULEHOUND, SECOPS, SIGMA
from workbench.evaluation.peers.rule import Peer, Rule, Seen
from workbench.evaluation.peers.sentinel import HUNTING, SENTINEL

PEERS = (ESCU, ELASTIC, SENTINEL, HUNTING, DATADOG, SIGMA, PANTHER, SECOPS, HAWK, MANAGEENGINE, RULEHOUND)

__all__ = ["PEERS", "Peer", "Rule", "Seen"]
