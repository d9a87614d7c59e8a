"""What must be ranked above what: each of the first list above each of the second, for the reason given.

The reasons are those of peers.md 4, "what follows for a score", and plain inclusion: the same act with more right, on a
mailbox that matters more, or for a party that is trusted less.
"""

from __future__ import annotations

from itertools import product
from typing import Tuple

from workbench.evaluation.story import Pair

_OPENED = (
    "executives-opened-to-default/inbox",
    "executives-opened-to-default/root",
    "inbox-opened-to-anonymous/inbox",
    "inbox-opened-to-anonymous/root",
)
_CALENDARS = (
    "partner-calendar-defaults",
    "teams-show-more",
    "calendars-private-again",
    "first-logons",
    "room-mailboxes/default",
    "calendars-to-partners/published",
    "calendars-to-partners/free-busy",
    "calendars-to-colleagues/Reviewer",
)
_EVERY_MAILBOX = (
    "impersonation-role/assignment",
    "impersonation-by-role-group",
    "full-access-as-app/app-role",
    "mail-role-on-existing-app/Mail.ReadWrite",
    "tenant-wide-consent",
    "role-scope-removed/wide",
)
_NO_MAIL = (
    "list-members/added",
    "group-provisioning/calendar",
    "group-provisioning/member",
    "discovery-mailbox",
    "workspace-administrators",
)

Row = Tuple[str, Tuple[str, ...], Tuple[str, ...]]

_AGAINST_EVERYDAY: Tuple[Row, ...] = (
    ("reading an inbox is given to all; free and busy times, or less, are no mail", _OPENED, _CALENDARS),
    ("every mailbox of the tenant, which survives all resets; here nobody gets any mail", _EVERY_MAILBOX, _NO_MAIL),
    (
        "grantee is grantor, the chief's whole mailbox, at night and from abroad; the other is the help desk's work",
        ("admin-takes-chief/grant",),
        (
            "troubleshooting-self-grants/shared-mailbox",
            "troubleshooting-self-grants/user-mailbox",
            "help-desk-requests/full-access",
            "joiners-to-shared-mailboxes/grant",
            "on-call-at-night/grant",
            "system-grants/grant",
            "people-portal/grant",
            "leavers/grant",
            "assistants-of-executives/grant",
        ),
    ),
    (
        "the new delegate reads, hides and sends payment details from abroad within hours",
        ("phished-user-in-invoices",),
        ("help-desk-requests/full-access", "joiners-to-shared-mailboxes/grant", "delegates-at-work/send-as"),
    ),
    (
        "a password reset and the owner's mailbox given away seconds later, at night",
        ("reset-then-full-access",),
        ("leavers/grant", "help-desk-requests/full-access", "on-call-at-night/grant"),
    ),
    (
        "an account made minutes ago gets every executive's mailbox, and reads",
        ("new-account-on-executives",),
        (
            "new-shared-mailboxes",
            "ticketing-account/grant",
            "assistants-of-executives/grant",
            "migration-wave/grant",
            "migration-wave/executive",
        ),
    ),
    (
        "a stranger's whole access to the chief's mail, over what a colleague sees of a calendar",
        ("partner-takes-chief",),
        (
            "partner-calendar-defaults",
            "executives-travelling/calendar",
            "assistants-in-calendars/calendar",
            "help-desk-requests/full-access",
        ),
    ),
    (
        "one account is given forty private mailboxes in the night, and reads them",
        ("one-account-many-mailboxes",),
        ("migration-wave/grant", "joiners-to-shared-mailboxes/grant", "people-portal/grant"),
    ),
    (
        "audit is switched off and an executive's mailbox given for two hours",
        ("bypass-grant-remove/grant", "bypass-grant-remove/bypass"),
        ("help-desk-requests/full-access", "client-settings/own-delete-rule"),
    ),
    (
        "copies of the CFO's mail go outside; the others stay inside",
        ("forwarding-beside-full-access/forwarding",),
        ("forwarding-inside/inside", "forwarding-inside/ended"),
    ),
    (
        "a guest may write as the CFO; the others are colleagues, or see one folder",
        ("guest-sends-as-cfo/grant",),
        ("help-desk-requests/send-as", "assistants-of-executives/send-as", "auditors-in-a-folder/folder"),
    ),
    (
        "a stranger to the CFO may send in his name, given from abroad at night",
        ("on-behalf-of-cfo/grant",),
        ("send-on-behalf-lists/grant", "server-administration/own-delegate"),
    ),
    (
        "an account long unused may write as the chief, and does",
        ("dormant-account-sends-as-chief",),
        ("help-desk-requests/send-as", "assistants-of-executives/send-as"),
    ),
    (
        "a second account from another department gets the inbox from abroad, reads at once and hides mail",
        ("phished-owner-makes-delegate",),
        ("holiday-cover/inbox", "team-folders/folder", "calendars-to-colleagues/Editor", "outlook-delegate-wizard"),
    ),
    (
        "inboxes of heads and of finance given to a stranger by somebody else than their owners",
        ("one-folder-at-a-time",),
        ("holiday-cover/inbox", "team-folders/folder", "auditors-in-a-folder/folder"),
    ),
    (
        "a guest of yesterday becomes the chief's delegate and sees private items",
        ("outsider-in-chiefs-calendar/calendar",),
        (
            "assistants-in-calendars/private-items",
            "calendars-to-partners/free-busy",
            "calendars-to-colleagues/Editor",
            "executives-travelling/calendar",
        ),
    ),
    (
        "the group opens the payroll, which the new member reads from abroad; these groups open nothing",
        ("delegating-group-gains-member",),
        ("list-members/added", "group-provisioning/member", "workspace-administrators"),
    ),
    (
        "an administrator makes himself a searcher of every mailbox, at night",
        ("discovery-management-member/member",),
        ("searches-by-counsel/member", "searches-by-counsel/search"),
    ),
    (
        "delegation allowed for finance with the sender hidden, from abroad",
        ("gmail-switch-then-delegate/switch",),
        ("workspace-delegation-project/on", "workspace-delegation-project/off"),
    ),
    (
        "a client gets all mail of the domain; a switch lets nobody in by itself",
        ("gmail-domain-wide-delegation/client",),
        ("workspace-delegation-project/on", "workspace-administrators"),
    ),
    (
        "a new account is delegate of finance's own mailboxes; colleagues are delegates of a team's",
        ("gmail-domain-wide-delegation/found",),
        ("workspace-team-mailbox/found",),
    ),
    (
        "the machine's own account hands out the chief's mailbox, or every mailbox",
        ("web-shell-on-the-server/grant", "web-shell-on-the-server/role"),
        ("server-administration/grant", "server-administration/own-delegate"),
    ),
    (
        "one right opens every mailbox of the database",
        ("receive-as-on-database/receive-as",),
        ("server-administration/grant", "server-administration/own-delegate"),
    ),
)

_WITHIN_INTRUSIONS: Tuple[Row, ...] = (
    ("opened to all, over opened to one", ("executives-opened-to-default/inbox",), ("one-folder-at-a-time/inbox",)),
    (
        "every mailbox, over those that a scope allows",
        (
            "role-scope-removed/wide",
            "full-access-as-app/app-role",
            "mail-role-on-existing-app/Mail.ReadWrite",
            "impersonation-role/assignment",
        ),
        ("role-scope-removed/narrow",),
    ),
    ("a limit taken away, over the limit set", ("access-policy-removed/removed",), ("access-policy-removed/policy",)),
    (
        "Send As for a guest, which hides the sender, over Send on Behalf for a colleague, which shows him",
        ("guest-sends-as-cfo/grant",),
        ("on-behalf-of-cfo/grant",),
    ),
    (
        "whole mailboxes of executives for a new account, over reading one folder",
        ("new-account-on-executives",),
        ("one-folder-at-a-time/inbox",),
    ),
)

_WITHIN_EVERYDAY: Tuple[Row, ...] = (
    (
        "somebody reads a mailbox from now on; free and busy times, a reduction or a refusal give nobody any mail",
        ("help-desk-requests/full-access",),
        (
            "calendars-to-colleagues/AvailabilityOnly",
            "calendars-to-colleagues/LimitedDetails",
            "partner-calendar-defaults",
            "first-logons",
            "calendars-private-again",
            "failed-attempts/failed",
            "kept-out-by-deny",
            "list-members/added",
            "group-provisioning/member",
            "group-provisioning/calendar",
            "help-desk-requests/removed",
            "clean-up/removed",
            "access-review",
        ),
    ),
    (
        "reading an inbox, over what a calendar shows",
        ("holiday-cover/inbox",),
        (
            "calendars-to-colleagues/AvailabilityOnly",
            "calendars-to-colleagues/LimitedDetails",
            "calendars-to-colleagues/Reviewer",
            "holiday-cover/removed",
            "teams-show-more",
        ),
    ),
    ("reading, over availability", ("calendars-to-colleagues/Reviewer",), ("calendars-to-colleagues/LimitedDetails",)),
    ("writing, over availability", ("calendars-to-colleagues/Editor",), ("calendars-to-colleagues/AvailabilityOnly",)),
    (
        "everyone on the internet, over one colleague",
        ("calendars-to-partners/published",),
        ("calendars-to-colleagues/AvailabilityOnly",),
    ),
    (
        "the same self-grant on a colleague's own mailbox, over a team's",
        ("troubleshooting-self-grants/user-mailbox",),
        ("troubleshooting-self-grants/shared-mailbox", "help-desk-requests/full-access"),
    ),
    (
        "given, over taken back",
        ("troubleshooting-self-grants/shared-mailbox",),
        ("troubleshooting-self-grants/removed",),
    ),
    ("given, over taken back", ("people-portal/grant",), ("people-portal/removed",)),
    ("given, over taken back", ("leavers/grant",), ("leavers/removed", "clean-up/removed")),
    ("given, over taken back", ("migration-wave/grant",), ("migration-wave/removed",)),
    ("forwarded, over no longer forwarded", ("forwarding-inside/inside",), ("forwarding-inside/ended",)),
    ("switched on, over switched off", ("workspace-delegation-project/on",), ("workspace-delegation-project/off",)),
    ("an executive's mailbox, over others of the same wave", ("migration-wave/executive",), ("migration-wave/grant",)),
    (
        "the same delegate with private items, over without",
        ("assistants-in-calendars/private-items",),
        ("assistants-in-calendars/calendar",),
    ),
    (
        "an application gets every mailbox, over one person one team's mailbox",
        ("backup-application/app-role",),
        (
            "help-desk-requests/full-access",
            "ticketing-account/grant",
            "people-portal/grant",
            "joiners-to-shared-mailboxes/grant",
            "calendars-to-colleagues/Editor",
        ),
    ),
    (
        "a guest, over a colleague",
        ("auditors-in-a-folder/folder",),
        ("team-folders/folder", "calendars-to-colleagues/LimitedDetails"),
    ),
    (
        "the system at a target that no document names, over the one that Exchange gives itself",
        ("system-grants/grant",),
        ("discovery-mailbox",),
    ),
)

PAIRS: Tuple[Pair, ...] = tuple(
    Pair(worse, better, because)
    for because, above, below in (*_AGAINST_EVERYDAY, *_WITHIN_INTRUSIONS, *_WITHIN_EVERYDAY)
    for worse, better in product(above, below)
)
