"""The names that Outlook and Outlook on the web give the default folders of a mailbox, in each language.

A mailbox's folders are named in the language of the client that opened it first, and keep those names. Sources, by the
mark in front of a name:

(none)   real audit records (`\\Inbox`, `\\Calendar`, `\\Boîte de réception`), Microsoft's documents in that
         language, or public programs and scripts that work on Exchange mailboxes
?        one source, or the product's own wording without one: [unverified]

Names are compared case-folded, and a typographic apostrophe is a plain one. The root is Top of Information Store: the
audit and the cmdlets write it as an empty path or `\\`, exports of folder statistics write its name.
"""

from typing import Dict, Tuple

# Language → names of root, inbox, calendar, contacts, sent; several names of one folder are told apart by `|`.
FOLDER_NAMES: Dict[str, Tuple[str, str, str, str, str]] = {
    "any": ("msgfolderroot|root", "inbox", "calendar", "contacts", "sentitems"),
    "en": ("Top of Information Store", "Inbox", "Calendar", "Contacts", "Sent Items|?Sent"),
    "ar": ("", "?علبة الوارد|?صندوق الوارد", "?التقويم", "?جهات الاتصال", "?العناصر المرسلة"),
    "bg": ("", "?Входяща поща|?Входящи", "?Календар", "?Контакти", "?Изпратени"),
    "ca": ("", "?Safata d'entrada", "?Calendari", "?Contactes", "?Elements enviats"),
    "cs": ("", "Doručená pošta", "?Kalendář", "?Kontakty", "?Odeslaná pošta"),
    "da": ("", "Indbakke", "Kalender", "Kontaktpersoner", "Sendt post"),
    "de": ("Oberste Ebene des Informationsspeichers", "Posteingang", "Kalender", "Kontakte",
           "Gesendete Elemente|?Gesendete Objekte"),
    "el": ("", "Εισερχόμενα", "?Ημερολόγιο", "?Επαφές", "?Απεσταλμένα"),
    "es": ("?Principio del almacén de información", "Bandeja de entrada", "Calendario", "Contactos",
           "Elementos enviados"),
    "et": ("", "?Sisendkaust", "?Kalender", "?Kontaktid", "?Saadetud üksused"),
    "eu": ("", "?Sarrera-ontzia", "?Egutegia", "?Kontaktuak", "?Bidalitakoak"),
    "fa": ("", "?صندوق ورودی", "?تقویم", "?مخاطبین", "?موارد ارسالی"),
    "fi": ("", "Saapuneet", "?Kalenteri", "?Yhteystiedot", "Lähetetyt"),
    "fr": ("Haut de la banque d'informations|?Partie supérieure de la banque d'informations|"
           "?Sommet de la banque d'informations", "Boîte de réception", "Calendrier", "Contacts", "Éléments envoyés"),
    "gl": ("", "?Caixa de entrada", "?Calendario", "?Contactos", "?Elementos enviados"),
    "he": ("", "?דואר נכנס", "?לוח שנה", "?אנשי קשר", "?פריטים שנשלחו"),
    "hi": ("", "?इनबॉक्स", "?कैलेंडर", "?संपर्क", "?भेजे गए आइटम"),
    "hr": ("", "?Ulazna pošta", "?Kalendar", "?Kontakti", "?Poslano|?Poslane stavke"),
    "hu": ("", "Beérkezett üzenetek", "?Naptár", "?Névjegyek", "?Elküldött elemek|?Elküldött üzenetek"),
    "id": ("", "?Kotak Masuk", "?Kalender", "?Kontak", "?Item Terkirim"),
    "is": ("", "?Innhólf", "?Dagatal", "?Tengiliðir", "?Send atriði"),
    "it": ("?Inizio dell'archivio informazioni", "Posta in arrivo", "?Calendario", "?Contatti", "?Posta inviata"),
    "ja": ("?インフォメーション ストアの先頭", "?受信トレイ", "?予定表", "?連絡先", "?送信済みアイテム"),
    "kk": ("", "?Кіріс", "?Күнтізбе", "?Контактілер", "?Жіберілгендер"),
    "ko": ("", "받은 편지함", "?일정", "?연락처", "?보낸 편지함"),
    "lt": ("", "?Gautieji|?Aplankas Gauta", "?Kalendorius", "?Kontaktai|?Adresatai", "?Išsiųsti elementai"),
    "lv": ("", "?Iesūtne", "?Kalendārs", "?Kontaktpersonas", "?Nosūtītie vienumi"),
    "ms": ("", "?Peti Masuk", "?Kalendar", "?Kenalan", "?Item Dihantar"),
    "nb": ("", "Innboks", "?Kalender", "?Kontakter", "?Sendte elementer"),
    "nl": ("?Bovenste niveau van gegevensarchief|?Bovenste map van gegevensarchief", "Postvak IN", "Agenda",
           "Contactpersonen", "Verzonden items"),
    "pl": ("", "?Skrzynka odbiorcza", "?Kalendarz", "?Kontakty", "?Elementy wysłane"),
    "pt": ("?Começo da Loja de Informações", "Caixa de Entrada|?A Receber", "?Calendário", "?Contatos|?Contactos",
           "?Itens Enviados|?Elementos Enviados"),
    "ro": ("", "?Inbox|?Mesaje primite", "?Calendar", "?Persoane de contact|?Contacte", "?Elemente trimise"),
    "ru": ("?Корень хранилища данных", "Входящие", "Календарь", "Контакты", "Отправленные"),
    "sk": ("", "?Doručená pošta|?Doručené", "?Kalendár", "?Kontakty", "?Odoslaná pošta|?Odoslané položky"),
    "sl": ("", "?Prejeto", "?Koledar", "?Stiki", "?Poslano"),
    "sr": ("", "?Prijemno sanduče|?Пријемно сандуче", "?Kalendar|?Календар", "?Kontakti|?Контакти",
           "?Poslate stavke|?Послате ставке"),
    "sv": ("?Överst i informationsarkivet", "Inkorgen|?Inkorg", "Kalender", "Kontakter",
           "Skickat|?Skickade objekt"),
    "th": ("", "?กล่องจดหมายเข้า", "?ปฏิทิน", "?ที่ติดต่อ", "?รายการที่ถูกส่ง"),
    "tr": ("", "Gelen Kutusu", "?Takvim", "?Kişiler", "?Gönderilmiş Öğeler"),
    "uk": ("", "Вхідні|?Папка Вхідні", "?Календар", "?Контакти", "Надіслані"),
    "vi": ("", "?Hộp thư đến", "?Lịch", "?Liên hệ", "?Mục đã gửi"),
    "zh-Hans": ("?信息存储顶部", "收件箱", "日历", "联系人", "已发送邮件|?已发送的邮件"),
    "zh-Hant": ("", "收件匣", "?行事曆", "?連絡人", "?寄件備份"),
}  # fmt: skip

KINDS: Tuple[str, ...] = ("root", "inbox", "calendar", "contacts", "sent")
