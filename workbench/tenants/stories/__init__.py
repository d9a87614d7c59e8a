"""What happens in the made-up organisation, one module a story. `STORIES` names them with their `tell(ledger)`."""

from typing import Callable, Dict

from workbench.tenants.ledger import Ledger
from workbench.tenants.stories import attack, calendars, helpdesk, machine, office, subsidiary, subsidiary_attack

STORIES: Dict[str, Callable[[Ledger], None]] = {
    "office": office.tell,
    "machine": machine.tell,
    "helpdesk": helpdesk.tell,
    "calendars": calendars.tell,
    "subsidiary": subsidiary.tell,
    "attack": attack.tell,
    "subsidiary_attack": subsidiary_attack.tell,
}
