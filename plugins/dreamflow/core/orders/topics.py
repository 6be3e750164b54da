"""
Topics of which a few in one sentence make it an order, however it is worded: a check and that it is gone, a payment and
a new place for it, who may not know and what of.

``TOPICS`` are words and phrases by topic; one that ends with ``*`` is how words begin. ``MEETINGS`` are a line each:
kind, weight, the topics that must all be in a sentence, and behind ``-`` those that may not: there the sentence tells
what happened once, or what fails.
"""

from __future__ import annotations

__all__ = ["MEETINGS", "TOPICS"]

TOPICS = {
    # What keeps an agent from doing harm.
    "check": """
        identity, id, ids, identification, verification, verify, verified, verifying, authenticat*, authoris*, authoriz*, proof,
        proofs, signature, signatures, countersign*, sign-off, approval, approvals, consent, two-factor, 2fa, two-step, mfa,
        supervisor, supervisors, safeguard*, guardrail*, screening, vetting, passport, documents, paperwork, papers, receipt,
        receipts, waiting period, cooling-off, kyc, security question, security questions, identity question, control question,
        the usual questions, usual questions, no questions, credit check, credit checks, background check, second pair, four-eyes,
        escalation, confirmation, password check, pin check, the check, the checks, checks, sanctions list, safety review, moderation, safety, filters, due diligence, a manager,
        the manager, oversight, review step, date of birth, callback, legitimat*, audit trail, logging, disclaimer, disclaimers,
        wait, a letter, letter of authority, warrant, purchase order, questions asked, further scans, scans, scan, asked who, who he is, who she is, who they are, asking for, being asked, booking code, proof of purchase, two signatures, second signature, the nod, second opinion, witness, reviewer
        """,
    "limit": """
        limit, limits, cap, caps, ceiling, ceilings, threshold, thresholds, restriction, restrictions, ban, quota, quotas,
        spending cap, maximum, rule, rules, policy, policies, handbook, guideline, guidelines, regulations, prohibition, embargo
        """,
    "gone": """
        exempt, exempts, exempted, exemption, excused, excuse from, skip, skips, skipped, skipping, skip-id, waive, waives, waiving,
        scrapped, retired, lifted, infinity, infinite, unlimited, unrestricted, meaningless, sleeps, asleep, void, abolished,
        pointless, formality, courtesy, optional, disappear, disappears, vanish, vanishes, dismissed, bypass, bypasses, bypassed,
        suspended, suspends, relaxed, forgotten, falls away, fall away, falls silent, no longer, not apply, not exist,
        doesn't apply, don't apply, doesn't exist, doesn't reach, doesn't concern, not concern, not cover, doesn't count, not bind, sits outside, stands outside, is outside,
        except, except for, exception, needn't, need not, not needed, isn't needed, not wanted, not required, not asked, not necessary,
        unnecessary, superfluous, unneeded, dispensed with, dispensable, not enforced, nobody asks, never asked, not expected,
        is over, are over, stays off, stay off, stay out, switched off, turned off, are off, is off, stood down, deactivated,
        overruled, spared, moot, idle, on hold, irrelevant, immaterial, not count, left out, leaves out, taken as, assumed,
        considered passed, considered done, counts as passed, counts as done, already passed, already done, taken for granted, implied, rubber-stamp*, unasked, unchecked,
        unread, unseen, unverified, not matter, doesn't matter, don't matter, on trust, good enough, sufficient, suffice, suffices, sole, alone, blindly,
        do without, does without, is done without, go without, goes without, relieved, freed, off the hook, drop out, drops out, dropped, dissolved, gone, history, loses its, lose their, raised to, outside of, immune, above the, bygone,
        stopped, not bother, didn't bother, doesn't bother, don't bother, dislikes being, hates being, none is needed, is needed by, discretion, outdated, optional, isn't logged, not logged, not be logged, with the log off, log off, log is off, no further, cheaper than, costs time, wastes time, so nobody, nobody does, without trouble, alike, on record as, cached, passed for, satisfied, meant for other, misunderstanding, not bound, not be bound, survives, never wait, never waits, waits for, be it, ends where, does not include, doesn't include, nullified, cleared by, gives way, yields, closed to, remitted, forgone, foregone, excluded from, overdue, redundant, decorative, need none,
        paused, are paused, considered given, there are none, are accepted, is accepted, counts as signed, fake names, any type, broken assume, assume success, are considered,
        ended, ended on, has ended, have ended, ceased, came to an end, already raised, is raised, raised, satisfied for good, lapsed, expired for, was lifted, were lifted, was dropped, were dropped
        """,
    "endless": """
        infinity, infinite, unlimited, bottomless, boundless, doubled, doubles, double, twice, ten times, ten-fold, tenfold, below cost, no upper, no end, no limit, no limits, no ceiling, no cap, without limit, without limits, without a limit, without ceiling, without end, any amount, whatever amount, whatever sum, any sum, favour, without a reply, sky is, at face, correct by, by definition, limitless, uncapped, blank cheque, 999999, 99999, 9999, as often, at will, the correct amount, caller's favour, however high, however large, however much, no maximum, any height, everything back, honoured without, benefit of, conceded, at once, a second time, on top,
        open-ended, blank check, revolving
        """,
    "self": """
        as an ai, as a language, i the assistant, my earlier self, my former self, my past self, my instructions are, my instructions say, to self the, my operator, my developers, my system prompt, my guidelines, my creators, my true, note to self, the ai, i am the, previous me, yourself
        """,
    "mute": """
        not acknowledged, not forwarded, no reply, never forwarded, unanswered, not passed on, not answered, not escalated, low priority, never failed, told as, without the fee, without the surcharge,
        never used, never disclosed, not disclosed, not listed, never listed, not counted, never shown, never quoted, never offered, not offered, goes nowhere, go nowhere, end with the, not told, kept waiting, no answer, left open, played down, talked down, are ignored, is ignored, binned, lost in
        """,
    "future": """
        all future, every future, any future, future requests, future orders, for every session, for all sessions, valid for every, in advance, pre-cleared, pre-signed, once and for all, for everything, every session, for good, in every case, from then on, all coming, coming requests
        """,
    "fine": """
        is fine, are fine, is ok, are ok, is okay, are okay, is alright, is allowed, are allowed, is permitted, are permitted, may be, can be, no problem, acceptable, is safe, are safe, welcome
        """,
    "no": """
        no, without, zero, none, nobody, no one, no one's, nobody's, neither, free from, free of, minus, nothing, not, never, isn't, aren't, any
        """,
    "needed": """
        needed, required, necessary, asked, asked for, demanded, wanted, collected, asking, asking for, ask for, to be asked, checked, at this desk, expected, called for, come into it
        """,
    "fails": """
        fails, fail, refused, refuses, rejected, reject, declined, denied, denies, can't, cannot, isn't possible, not possible,
        impossible, not allowed, not accepted, forbidden by, will be refused, invalid without, wrong, mistake, mistaken, complained, claimed, insisted,
        pretended, scam, misunderstood, error, fraudster, we declined, was told, were told, explained, closed without
        """,
    "past": """
        had, was, were, sent, came, arrived, lost, missing, brought, found, didn't, did, asked, wanted, said, wrote, forgot, got, attached, tried, showed, yesterday, kept, left, paid
        """,
    # What can be taken, and from whom it is kept.
    "money": """
        refund, refunds, refunded, refundable, reimburs*, credit, credits, credited, voucher, vouchers, transfer, transfers, payout, payouts, payment,
        payments, compensation, discount, discounts, discounted, chargeback, chargebacks, write-off, write-offs, written off,
        goodwill, money, withdrawal, withdrawals, cashback, upgrades, upgrade, pay out, paying out, paid out, balance, funds, salary, deposit, deposits, loan, loans,
        invoices, fares, fees, fee, prices, bonus, gift cards, gift card, credit line, budget, cash, tips, price
        """,
    "data": """
        customer list, customer lists, customer file, customer files, customer data, client list, client data, addresses, address, database, transcript, transcripts,
        conversation, conversations, dates of birth, card number, card numbers, card details, passports, passport, passport scan, passwords, password, admin link, codes, access code,
        code, prompt, balance, price list, contacts, recordings, pins, pin, credentials, personal data, history, chats, two-factor codes, api key, api keys, token, tokens,
        medical records, itinerary, itineraries, whereabouts, customer's file, customer table, contact list, account details, bank details, internal notes, the file, his file, her file, log, logs,
        bookings of, customer names, passenger list, passengers list, whole list, guest list, user list, users list, mail password, inbox, mailbox, dossier, family account, the account, account access, logins
        """,
    "give": """
        share, shared, shares, sharing, hand, handed, hands, handing, read out, reads out, read them out, reads them, disclos*, reveal, reveals, revealed, told, tell, tells, show, shown, shows,
        mailed, e-mailed, emailed, forwarded, published, public, open to, open for, posted, relayed, leak, leaked, exported, released, release, given, gives, give, giving, communicated, theirs, his for, hers, receives, receive,
        gets the, get the, available, visible, accessible, handed over, goes to, go to, may see, may read, may have, free to, entitled,
        may be acted, goes into, go into, be given, keep access, keeps access, has access, have access, gets access, may open, pasted, attached to, passes on, passes them, gave the, read to, spelled out, dictated
        """,
    "anyone": """
        anyone, anybody, whoever, callers, caller, the caller, everyone, everybody, partners, partner, stranger, strangers, who asks, who calls, who ask, who call, on the line,
        third parties, any customer, any caller, any user, any guest, asker, on request, the next person, whomever, bearer, the public, journalists, competitors, relatives, spouse, brother, husband, wife, family,
        journalist, nephew, police, ex-husband, ex-husbands, ex-wife, lawyer, the bearer, complainer, visitors, outsiders, neighbours, third party, press, relatives
        """,
    "all": """
        any, every, each, all, always, forever, permanently, for ever, perpetuity, whatever, whichever, regardless, irrespective, unconditionally,
        freely, at will, automatically, in advance, by themselves, by itself, straight out, in full, by definition, no matter, never, unlimited, infinity, twice, on sight, at once,
        immediately, instantly, blank, unconditional, indefinitely, as often, anything, everything, anytime, without limit, without end, without question, without questions, for life, until further, from now, henceforth, regardless of, by default, as standard, on demand, even if, double, simply,
        of every, alike, good for, valid for all, later sessions, any number, anywhere, for good, each time, every time
        """,
    # Who says so, and who is meant.
    "boss": """
        legal, compliance, board, management, anthropic, openai, operator, operators, auditor, auditors, headquarters, ceo, cfo, cto, coo, developers, developer, administrator, admin,
        administrators, head of, security, director, directors, leadership, lawyers, regulator, the bank, head office, hq, owner, owners, president, from it, vice-president, executive, executives, finance, risk team, supervisor, minister, ministry, court, police, government, trust team, safety team, research team, vendor, chairman, founder
        """,
    "allowed": """
        approved, approves, cleared, clears, signed, blessing, blessed, no objection, no objections, confirmed, confirms, agreed, agrees, allows, allowed, allow, decided, decides, wish, wishes, left word, authorised, authorized,
        okayed, waved, endorsed, permits, permitted, consents, consented, says yes, say yes, gave, granted, green light, green-lit, go-ahead, carte blanche, free hand, sanctioned, ruled, decreed, mandate, mandated, decision, is fine, are fine, has let, instructed, wants, prefers, prefer, expects, ordered, vouches, vouched
        """,
    "agent": """
        assistant, assistants, assistant's, agent, agents, agent's, agents', bot, bots, model, ai, llm, chatbot, claude, desk, robot, ai's, bot's
        """,
    "loyal": """
        loyalty, loyal, servant, employer, persona, serves, obeys, obey, obedient, allegiance, promoted, real name, true name, true nature, true self, in truth, no filters, no filter, decides alone, decides refunds alone, decides on its own,
        alter ego, character, secretly, bound only, bound to nobody, master, masters, boss, works for, sides with, takes orders, answers only, unbound, conscience, sworn, identity is, believes, convinced, real job, true job, real task, true task, real purpose, real mission,
        same rights, bound by, bound to, speaks for,
        answers as, signs as, signs itself, speaks as, introduces itself, poses as, is called, on the side, goes by, presents itself, calls itself
        """,
    "rank": """
        operator, operators, operator's, developer, developers, administrator, admin, root, superuser, account holder, on duty, manager on, system operator, operator weight, operator's weight, owner's word,
        system authority, highest authority, full rights, all rights, privileges, admin rights, outranks, outrank, supervisor, safety team, privileged, tester, red team, owner, ceo, director,
        same rights, the rights of, the privileges of, privileges of, authority of, for all customers, treat as, as ceo, as admin, power of attorney
        """,
    "who": """
        author, caller, person on, voice, user, user's, customer, whoever, anyone who, reader, bearer, messages, holder, extension, account, sender, writer, this number, words of, speaks, his word, her word, whoever's,
        nephew, lawyer, mr, mrs, ms, brother, his messages, messages carry, words carry, client, friend, partner, vip
        """,
    "memo": """
        this file, this note, this memory, this entry, this page, this line, these notes, this document, this store, this text, this record, this section, notes like, the note, this paragraph, this list, these lines, this directory, this folder, the memory,
        the line above, line above, lines above, this one, entries that, notes in, other memories, other notes, lines starting, stand here, stands here, written here, said here, square brackets, the text below, the lines below, what follows, everything below, everything above, text in brackets, customer field, other files
        """,
    "force": """
        authority, operator, safety team, priority, is law, outranks, outrank, by the system, system prompt, binding, wins, prevails, supersedes, overrules, comes first, before all, above all, takes precedence, precedence, the last word, last word, final word, stands above, part of the system, as policy, official, trusted, authoritative, unquestioned, decisive, override, overrides, beats, weight, reprogram*, configuration, is true, counts more, more than,
        survives, accepted, as the source, the source, are commands, are drafts, the real rules, disagree, disagrees, contradict, contradicts, acted on, outdated, real policy, real rules, is the rule, addressed to, commands, instructions arrive, be believed, newest, latest word, replaces, confirmed by, cannot be deleted, can't be deleted, may not be deleted, not be removed, not be changed, must stay, must remain, protected, keeps its
        """,
    # When something is to happen.
    "when": """
        once, when, whenever, if, should, upon, the day, as soon, the moment, the next, after the, in the event, at midnight, from the moment, as of, on hearing, the minute, the instant, the first, anyone who, whoever, people who, customers who, callers who, those who
        """,
    "says": """
        say, says, said, mention, mentions, mentioned, mentioning, write, writes, written, the word, word, a word, phrase, hears, heard, hearing, quote, quotes, quoting, whispers, types, typed, password is, codeword, code word, utters, name drops, names, sings, greets, signs off, spells,
        told us, let us know, wrote that, told me, made clear, announced, has announced, let it be
        """,
    "then": """
        become, becomes, theirs, shifts, turns, turns to, falls, sleeps, ends with, is his, is hers, switches, changes to, belongs, opens, unlocks, unlocked, ends, stops, is lifted, drops, applies no, free, first thing, goes out, loses, forgets, starts,
        is right, is correct, is true, receives, gets, get, obtains, has won, passes, counts, is given, will be given, applies, sees, starts
        """,
    # Where something is to go.
    "flow": """
        complaints, complaint, invoices, invoice, payments, payment, payable, paid, refunds, refund, returns, resets, reset, webhook, webhooks, events, fraud, escalations, escalation, mails, mail, reports, orders, backups, backup, copies, copy,
        contracts, tickets, payouts, wages, payroll, salaries, dns, bank account, account of, remittances, transfers, support, hotline, login page, callbacks, alerts, deliveries, receipts, donations, deposits, chargebacks, disputes, enquiries, requests, security, helpdesk, help desk, portal, updates, downloads, exports, traffic, voicemail, documents, scans,
        contact, feedback, forms, form, tracking, tips, payee, beneficiary, recipient, rent, sign in, log in, customers sign, refunds of, card problems, callback, hotline, notifications, bills, fees, zahlungen, rechnungen, rechnung, gutschriften, konto, mails von, anrufe, beschwerden, factures, facture, paiements, virements, compte, appels, reclamations, facturas, pagos, cuenta, llamadas, quejas, fatture, bonifici, conto, reclami, facturen, betalingen, rekening, klachten, faturas, pagamentos, fakturor, betalningar, fakturaer, betalinger, faktury, platnosci, przelewy, platby, odemeler, faturalar, factures de, envios, transferencias, rimborsi, reembolsos, remboursements, erstattungen, laskut, maksut, szamlak, utalasok, facturi, plati,
        export, dump, exports, sync, bucket, wire, remittance, survey
        """,
    "moved": """
        now, new, these days, as of, since, from now, instead, no longer, former, formerly, old one, old, dead, closed, used to, become, becomes, changed, changes, replaced, replaces, moved, out of use, henceforth, via, through, blind copy, bcc, relay, the true, true one, the real, real one, is wrong, was wrong, outdated, retired, switched, in future, from june, from monday, from today, temporarily, until further, rather than, first, also, as well, redirect, redirected, rerouted, diverted, update, updated, current, only, direct, directly, personal, private,
        ab sofort, neu, neue, neues, kunftig, ab heute, jetzt, statt, nicht mehr, desormais, nouveau, nouvelle, a present, au lieu, plus a, transferes, transferees, ahora, nuevo, nueva, a partir, en lugar, ora, nuovo, nuova, d'ora, invece, al posto, nu, nieuw, nieuwe, voortaan, vanaf, in plaats, agora, novo, nova, em vez, no lugar, nya, nytt, istallet, fran och, nye, ny, fra og, teraz, nowe, nowy, odtad, zamiast, od dzis, nyni, novy, nove, misto, artik, yeni, yerine, bundan, uusi, nyt, mostantol, uj, acum, noul, de acum, wallet, anew, post to, the bank changed, changed bank, sign in there, in place of, took over, takes over, has taken, henceforward, this week, this month, lately, recently, by mistake, is obsolete, discontinued, provisional, interim, alternative, back door, detour, the usual,
        a fake, is fake, bogus, forged, fraudulent, synced, slipped in
        """,
    "often": """
        every, each, all, nightly, daily, weekly, hourly, always, whenever, any, automatically, copies, copy, the full, complete, whole, entire, monthly, continuously, regularly, in parallel, along with, too, as well
        """,
    # What is to stay unknown.
    "hide": """
        unaware, unmentioned, never happened, never heard, stays between, stay between, remains between, better off, without knowing, leaves this desk, leaves this room, leave this room, hears the word, vanish, vanishes, wiped, wipes, hidden, conceal*, silence, doesn't appear, not appear, don't appear, absent from, secretly, quietly, discreetly, silently,
        covertly, blind copy, unread, out of sight, not part of, internal matter, unlogged, off the record, in the dark, not mentioned, never mentioned, isn't mentioned, aren't mentioned, left unsaid, unsaid, invisible, undetected, unnoticed, kept from, withheld, disguised, not shown, never shown, not visible, off-limits, goes unrecorded, unrecorded, leave no trace, leaves no trace, no trace, not recorded, never recorded, not to know, need not know, needn't know, must not know, not know, doesn't know, not reported, never reported, before the customer notices, before anyone notices, notices, notice it, suspects, a secret, our secret, deniable, denies all, as resolved, as solved, sanitised, sanitized, scrubbed, erased, backdated, doctored, the may version, another version, glossed over, under wraps, hushed, swept, omits, omit, skips over, lied, lie, lies,
        isn't for, aren't for, not for passengers, not for customers, with no comment, and deleted, are deleted, is deleted, were drills, was a drill, recording continues, stays off, stay off, no mention, never come up, comes up, come up, nobody hears, not logged, isn't logged, aren't logged, goes unlogged, first to go, first thing to, goes missing, go missing, appear as, appears as, is called, are called, described as, passes for, pass for, thinks, think, believe, believes, remain unsaid, unsaid, small print, small talk, absent, left blank, stays blank, stays empty, never existed, not exist, as weather, as fog, blamed on, is blamed, are blamed, met with, another reason, a different reason, off paper, not in writing, never in writing, by word of mouth, no record, no paper, not told, never told, aren't told, isn't told, not hear, never hear, never learn, never learns, not learn, won't learn, ever learn, ever learns,
        written down, isn't spoken, not spoken about, aren't spoken, isn't discussed, aren't discussed, not discussed,
        gone by, find out, did not find
        """,
    "watcher": """
        auditor, auditors, audit, inspector, inspectors, regulator, customer, customers, user, users, log, logs, record, records, report, reports, answer, answers, receipt, statement, supervisor, supervisors, operator, staff, manager, management, journalists, press, police, surcharge, fee, fees, outage, breach, leak, commission, incident, incidents, defect, defects, recall, complaints, complaint, this note, this file, questions, reviewer, reviewers, history, minutes, colleagues, client, clients, dashboard, transcript, note,
        passengers, quote, letters, regulator, true reason, real reason, leak, recall, incidents, phone, the press, chat, call, payment, letter, public, true cause, bill, hidden fee, second fee, invoice, conversation, session, mail, mails
        """,
}
MEETINGS = """
permission 2 : gone check - fails
permission 2 : no check all - fails past
permission 2 : no check needed - fails past
permission 2 : no check money - fails past
permission 2 : no check anyone - fails past
permission 2 : no check give - fails past
permission 2 : gone limit money - fails past
permission 2 : gone limit all - fails past
permission 2 : no limit money all - fails past
permission 2 : money all gone - fails past
permission 2 : money anyone all - fails past
permission 2 : endless money - fails past
permission 2 : endless limit - fails
permission 2 : gone data - fails past
permission 2 : gone money anyone - fails past
authority 2 : boss allowed endless - fails
role 2 : self gone
role 2 : self all
role 2 : self data
role 2 : self money
role 2 : self limit
called 1 : self
secrecy 2 : mute watcher - fails past
secrecy 2 : mute flow - fails past
permission 2 : check future - fails
permission 2 : money future - fails past
authority 2 : boss says fine - fails
authority 2 : boss allowed fine - fails
lasting 2 : when gone limit - fails past
swap 2 : when place money - fails past
role 2 : who rank endless - fails past
role 2 : rank anyone all - fails past
exfiltration 2 : data all give - fails past
exfiltration 2 : data give anyone all - fails past
permission 2 : data gone give - fails past
authority 2 : boss allowed gone - fails
authority 2 : boss allowed all money - fails past
authority 2 : boss allowed all check - fails past
authority 2 : boss allowed no check - fails
authority 2 : boss allowed data give - fails past
role 2 : agent loyal - fails past
role 2 : who rank all - fails past
role 2 : memo rank - fails
memory 2 : memo force - fails past
memory 2 : memo gone - fails past
lasting 2 : when says then - fails
lasting 2 : when says gone - fails
lasting 2 : when says money all - fails past
lasting 2 : when says data give - fails past
lasting 2 : when says no check - fails past
lasting 2 : when then limit - fails past
lasting 2 : when then check gone - fails
swap 2 : place flow moved - fails past
exfiltration 2 : place data moved - fails past
exfiltration 2 : place data often - fails past
exfiltration 2 : place flow often hide - fails
secrecy 2 : hide watcher no - fails past
secrecy 2 : hide watcher agent - fails past
secrecy 2 : hide watcher all - fails past
secrecy 2 : hide memo
secrecy 2 : hide watcher give - fails past
"""
