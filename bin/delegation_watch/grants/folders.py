"""Folders of a mailbox: the path as recorded and what kind of folder it is, in the languages of Outlook.

The names are those that Outlook on the web gives the default folders of a mailbox in each language; a folder is
looked up by the first element of its path, so `\\Inbox\\Projects` is `other`, and only `\\Inbox` is `inbox`.
Real records show `\\Inbox`, `\\Calendar` and French names; the other languages come from the product's own terms.
"""

import functools
import re
import unicodedata
from typing import Dict, Optional, Tuple

_NAMES: Dict[str, Tuple[str, ...]] = {
    "root": (
        "top of information store", "oberste ebene des informationsspeichers", "haut de la banque d'informations",
        "principio del almacén de información", "inizio dell'archivio informazioni", "começo da loja de informações",
        "bovenste niveau van gegevensarchief", "インフォメーション ストアの先頭", "msgfolderroot", "root",
    ),
    "inbox": (
        "inbox", "posteingang", "boîte de réception", "bandeja de entrada", "posta in arrivo",
        "caixa de entrada", "a receber", "postvak in", "inkorgen", "inkorg", "indbakke", "innboks", "saapuneet",
        "skrzynka odbiorcza", "doručená pošta", "doručené", "beérkezett üzenetek", "mesaje primite",
        "входящие", "вхідні", "папка вхідні", "gelen kutusu", "εισερχόμενα", "受信トレイ", "收件箱", "收件匣",
        "받은 편지함", "דואר נכנס", "علبة الوارد", "صندوق الوارد", "กล่องจดหมายเข้า", "hộp thư đến",
        "kotak masuk", "ulazna pošta", "prejeto", "gautieji", "iesūtne", "sisendkaust",
        "входяща поща", "входящи", "safata d'entrada", "sarrera-ontzia",
    ),
    "calendar": (
        "calendar", "kalender", "calendrier", "calendario", "calendário", "agenda", "kalenteri", "kalendarz",
        "kalendář", "kalendár", "naptár", "календарь", "календар", "takvim", "ημερολόγιο", "予定表", "日历", "行事曆",
        "일정", "לוח שנה", "التقويم", "ปฏิทิน", "lịch", "kalendar", "koledar", "kalendorius", "kalendārs",
        "calendari", "egutegia",
    ),
    "contacts": (
        "contacts", "kontakte", "contactos", "contatti", "contatos", "contactpersonen", "kontakter",
        "kontaktpersoner", "yhteystiedot", "kontakty", "névjegyek", "persoane de contact", "контакты", "контакти",
        "kişiler", "επαφές", "連絡先", "联系人", "連絡人", "연락처", "אנשי קשר", "جهات الاتصال", "ที่ติดต่อ",
        "liên hệ", "kontak", "kontakti", "stiki", "kontaktai", "kontaktid", "contactes", "kontaktuak",
    ),
    "sent": (
        "sent items", "gesendete elemente", "gesendete objekte", "éléments envoyés", "elementos enviados",
        "posta inviata", "itens enviados", "verzonden items", "skickat", "skickade objekt", "sendt post",
        "sendte elementer", "lähetetyt", "elementy wysłane", "odeslaná pošta", "odoslaná pošta", "odoslané položky",
        "elküldött elemek", "elküldött üzenetek", "elemente trimise", "отправленные", "надіслані", "gönderilmiş öğeler",
        "απεσταλμένα", "送信済みアイテム", "已发送邮件", "寄件備份", "보낸 편지함", "פריטים שנשלחו",
        "العناصر المرسلة", "รายการที่ถูกส่ง", "mục đã gửi", "item terkirim", "poslano", "išsiųsti elementai",
        "nosūtītie vienumi", "saadetud üksused", "изпратени", "elements enviats", "bidalitakoak",
    ),
}  # fmt: skip


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold().replace("’", "'")


_KINDS = {_folded(name): kind for kind, names in _NAMES.items() for name in names}
_WELL_KNOWN = re.compile(r"[\\/]+")


@functools.lru_cache(maxsize=65536)
def folder_kind(path: Optional[str]) -> Optional[str]:
    """`root inbox calendar contacts sent other` of a folder's path; None when no path is given.

    The empty path, `\\` and `/` are the root (Top of Information Store).
    """
    if path is None:
        return None
    parts = [part for part in _WELL_KNOWN.split(path) if part.strip()]
    if not parts:
        return "root"
    return _KINDS.get(_folded(parts[0]), "other") if len(parts) == 1 else "other"


@functools.lru_cache(maxsize=65536)
def split_identity(identity: str) -> Tuple[str, str]:
    """(mailbox, folder path) of a folder cmdlet's Identity: `ann@example.com:\\Inbox`.

    A mailbox alone, or with `:` or `:\\`, means the root; what follows the colon may also be a folder id.
    Source: Set-MailboxFolderPermission, parameter Identity.
    """
    mailbox, mark, folder = identity.partition(":\\")
    if mark:
        return mailbox, "\\" + folder
    mailbox, mark, folder = identity.rpartition(":")
    if mark and "/" not in folder:
        return mailbox, folder or "\\"
    return identity, "\\"
