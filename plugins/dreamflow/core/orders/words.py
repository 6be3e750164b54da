"""The English words by which an order is known: verbs that command, whom they are said to, what makes them grave."""

from __future__ import annotations

__all__ = [
    "ADVERBS",
    "BESIDE",
    "CONDITIONS",
    "CONFIRMING",
    "DECLARED",
    "ENGLISH",
    "FINITE",
    "FORBIDDING",
    "LISTS",
    "MILD",
    "NOUNS_TOO",
    "NO_COMMANDS",
    "OPENERS",
    "RECEIVING",
    "SUBJECTS",
    "SUPPORTING",
    "VERBS",
    "YOU",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Verbs in the form that commands, which is no form of a noun: where they open a clause, they command.
VERBS = _words(
    """
    abandon abide absorb accept accompany accuse achieve act activate adapt add address adhere adjust admit
    adopt advance advertise advise affirm afford agree aim allocate allow alter alternate amass amend
    analyse analyze annotate announce annul answer anticipate apologise apologize append apply appoint
    approach approve archive argue arrange arrest articulate ascribe assemble assent assert assign assist
    assume assure attach attempt attend attribute auction audit authorise authorize auto-approve automate
    avert award back backdate balance ban bank base bcc be bear beat become beg begin believe belittle bend
    bet bill bind blame blend bless block blur book boost borrow breach break bribe bring broadcast broaden
    brush build bump burn bury buy bypass calculate call calm campaign cancel cap capture carry carve cast
    catch categorize cc cease celebrate censor centre certify chain champion change characterize charge
    chase chat cheat cheer choose circulate circumvent cite claim clarify classify clear click climb clone
    close coach coax code coerce collapse collect combine comment commit communicate compel compensate
    compete compile complain complete complicate compliment comply compose compress compute conceal concede
    conclude condense conduct confess configure confine confirm confront congratulate connect consent
    conserve consider constrain construct consult contact contain contest continue contradict contribute
    control convert convey convict convince cook coordinate copy correct corrupt counsel count counter court
    cover crack craft crash crawl create credit criticise criticize crop cross cultivate curb curl customise
    customize cut damage dangle deactivate deal debit deceive decide declare decline decode decrease
    dedicate deduct deem default defend defer defraud defy degrade delay delegate delete deliver demand deny
    depart depend depict deploy deposit deprioritise deprioritize deprive derail derive describe desist
    destroy detach detail detect determine devise devote dial dictate dig diminish direct disable disarm
    discard disclose disconnect discount discourage discover discriminate disengage disguise dismiss disobey
    dispatch dispense display dispute disregard disrupt disseminate dissuade distort distract distribute
    ditch dive divert divulge do document dodge donate double double-check downgrade download downplay draft
    drag drain drive drop dump duplicate e-mail earn ease eat eavesdrop echo edit eject elevate elicit
    eliminate email embed emit emphasise emphasize employ empty emulate enable encode encourage encrypt end
    endorse enforce engage enlarge enlist enquire enrol enroll ensure enter entertain entice entrust
    envision equate eradicate erase escalate escort establish estimate evade evaluate evict exaggerate
    exceed excel exchange exclude excuse execute exempt exfiltrate exit expand expedite expel explain
    exploit explore export expose extend extort extract fabricate face facilitate fail fake falsify
    fast-track favor favour feature feed feign fetch fight figure file fill filter finalise finalize finance
    fine finish fire fit fix flag flatten flatter flee flip flood flush fly focus fold follow fool forbid
    force forge forget forgive forgo formulate forward foster found frame free freeze fudge fulfil fulfill
    fund funnel furnish gain gaslight gate gather generate get gift give glorify glue go goad grab grade
    grant greet group grow guarantee guard guess guide halt hand handle hang harass hardcode harvest hasten
    heed help hide highlight hijack hinder hint hire hoard hold honor honour hoodwink host humiliate hunt
    hurry identify ignore illustrate imagine impersonate implement imply import impose impress improve
    improvise incentivise incite incline include increase index indicate induce indulge infer inflate
    inflict influence inform infringe ingest inhibit initial initiate inject inline inquire insert insinuate
    insist install instate instigate instruct insult integrate intensify intercept interpret intervene
    intimidate introduce invent invert invest investigate invite invoice invoke involve isolate issue join
    judge jump justify keep kick kill knock label launch lay leak lean learn leave lecture lend let leverage
    levy license lie lift light limit link liquidate list live load lobby locate lock log look loosen lose
    love lower lure mail maintain make manage manipulate map mark market mask masquerade match maximise
    maximize measure meet mention merge mess message migrate mimic mind minimise minimize mirror misdirect
    misguide misinform mislead misquote misreport misrepresent misstate mix moderate modify motivate mount
    move multiply mute name narrate narrow neglect negotiate never nod nominate normalise normalize notarise
    note notify nudge nuke ghost greenlight green-light rubber-stamp ditch beacon nullify number obey obfuscate object oblige obscure obstruct obtain occupy offer omit
    onboard open operate opt order output outsource overbook overcharge overlook overpay override overrule
    oversee overstate overturn overwrite own page paint paraphrase pardon park parse participate pass paste
    patch pay peddle penalise penalize perceive perform permit persist persuade pester phish phrase pick
    picture pin ping pipe pitch place plan plant play plead pledge plot pocket point poison polish pool
    portray pose post postpone pour practice practise praise pre-approve preapprove preface prefer prefix
    preload prepare prepend prescribe present preserve press pressure presume pretend prevent price print
    prioritise prioritize privilege probe proceed process proclaim procure produce profile program project
    prolong promise promote prompt propagate propose protect protest prove provide provoke prune pry publish
    pull punch punish purchase purge push put qualify quash query question quicken quit quote race raid
    raise rank rate re-enable re-evaluate re-route reach react reactivate read realise realize rearrange
    reassign reassure rebate rebook reboot rebrand rebuff rebuild recalculate recall receive recite reckon
    reclassify recode recognise recognize recommend reconcile reconfigure reconsider reconstruct record
    recover recruit rectify recycle redact redeem redefine redeploy redirect redistribute redo redraft
    reduce refer reference reformat refrain refresh refund refuse refute regard regenerate register rehearse
    reimburse reinforce reinstate reinterpret reissue reject relabel relax relay release relinquish reload
    relocate rely remake remember remind remit remove remunerate rename render renew rent reopen reorganise
    repackage repair repay repeal repeat rephrase replace replicate reply report repost represent reprint
    reprioritise reproduce reprogram request require reroute rerun rescind research resell resend reserve
    reset reshape reside resign resist resolve resort respect respond restart restore restrict resubmit
    resume retag retain retell retire retouch retract retrain retrieve retry return retweet reuse revalidate
    reveal reverse revert revise revisit revive revoke reward rewrite ride rig risk rob roll root rotate
    round route rule run rush sabotage sacrifice safeguard salute sanitise save say scan scare scatter
    schedule scold score scrap scrape scratch screen script scrub seal search secure seduce seek segregate
    seize select sell send sense sentence separate serve set settle shadow shame shape share shield shift
    ship shoot shop shorten shout show shred shrink shrug shuffle shut sign signal silence simplify simulate
    sing sink siphon sit sketch skip slash sleep slip slow smuggle sneak snoop soften solicit solve sort
    sound source sow space spam spare speak specify speed spell spend spin split sponsor spoof spread spy
    squash stack stage stall stamp stand standardise start stash state station stay steal steer step stick
    stop store straighten strengthen stress stretch strike strip structure struggle study stuff submit
    substitute subtract subvert succumb sue suggest summarise summarize supersede supervise supply support
    suppress surface surrender suspect suspend sustain swallow swap sway swear sweep sweeten switch sync
    synchronise tackle tag tailor taint take talk tamper tap target tax teach tease tell tempt tender
    terminate test text thank thin think threaten throw tick tie tighten tip toggle tolerate toss total
    touch trace track trade train transact transcribe transfer transform transition translate transmit trap
    travel treat trick trigger trim triple truncate trust try tune turn twist type unblock uncheck uncover
    undercut underline undermine underreport understand understate undertake undo unfollow unfreeze unhide
    unify uninstall unite unlearn unlink unload unlock unmask unmute unpack unpin unplug unpublish
    unregister unseal unset unsubscribe untick update upgrade upload upsell upvote urge use usher utilise
    utilize utter vacate validate vary venture veto view void volunteer vote vouch wager waive walk wander
    warn wash waste water wave weaken weaponise welcome whisper whitelist widen win wipe wire wish withdraw
    withhold witness wonder woo word work worry wrap wreck write yield zero zip zoom
    """
)
#: Those of ``VERBS`` that are nouns, names or adjectives as well: only what follows tells them apart.
NOUNS_TOO = _words(
    """
    address advance affirm aim answer approach archive attempt auction audit award back balance bank base
    bear beat bet bill blame book boost break bribe build bump burn buy call campaign cap cast catch cc
    centre chain champion change charge chase chat cheat clear click climb close coach code comment commit
    complete compliment contact contest control cook copy correct counsel count counter cover crack craft
    crash crawl credit crop cross cut damage deal debit default delay demand deposit detail dial direct
    discount display dispute dive divert document double download draft drive drop duplicate e-mail ease
    echo email empty end estimate excel exchange excuse exempt exit exploit export extract face fake favor fax bin
    favour feature feed fight figure file filter finance fine finish fire fit fix flag flip flood focus fold
    fool force forward found frame free freeze fund gate gift glue grab grade group guard guess guide halt
    hand handle hang help highlight hint hire hold honor honour host hunt import increase index influence
    initial inline invoice issue judge jump label lead leak lean leave lecture license lie lift light limit
    link list live load lobby lock log look love lower mail map mark market mask match measure mess message
    mind mirror mix moderate mount move mute narrow nod note number object offer open order output own page
    paint pardon park pass paste patch pay phrase pick picture pin ping pipe pitch place plan plant play
    plot pocket point poison polish pool post practice praise press pressure price print privilege probe
    process produce profile program project promise prompt protest pull punch purchase push query question
    quote race raid raise rank rate read rebate recall record reference refresh refund register release rent
    repair report request research reserve reset resort resume retire return reverse reward ride risk roll
    root round route rule run rush sabotage sacrifice save scan scare schedule score scratch screen script
    seal search secure sense sentence set shadow shame shape share shield shift ship shop shout show shuffle
    sign signal silence sink slash sleep slip slow sort sound source space spam speed spell spin split
    sponsor spread spy squash stack stage stand start state station step stick stop store stress strike
    strip structure study stuff substitute supply support surface suspect swap sweep switch sync tackle tag
    take talk tap target tax tender test text thin tick tie tip toss total touch trace track trade train
    transfer transition trap travel trick trigger trim triple trust try turn twist type update upgrade use
    venture view void volunteer vote wager walk wash waste water wave win wish witness wonder word work
    worry wrap yield zero zip
    """
) | {"help", "process", "exempt", "contact", "name", "select", "present", "stay", "thank", "welcome"}
#: What people put on lists for themselves and their colleagues: it takes more than such a verb to order an agent.
MILD = _words(
    """
    ask attend await book call charge check clean compare contact count escalate examine expect find guard
    inspect label lock look measure meet monitor note notice observe order phone print reach read recheck
    refill reorder repair return review ring search see ship stack sweep sync test tick use verify visit
    wait wake walk wash watch water wear weigh
    """
)
#: What follows a verb and hardly ever a noun.
CONFIRMING = _words(
    """
    a all always an another any anyone anything both directly double each every everyone everything false
    full half her him his how if immediately instead it its less me more my no nobody none nothing now one
    only our right somebody something straight that the their them these this those three triple true twice
    two us what whatever when where whether whichever who whoever whomever yes your yourself
    """
)
#: What forbids.
FORBIDDING = _words("don't dont never avoid refrain cease stop quit")
#: Behind a word, these say that it was the subject.
FINITE = _words(
    "is are was were has had have will can may 's costs means takes goes and or made sent went not"
)
#: Words that may stand between a clause's start and its verb.
ADVERBS = _words(
    """
    afterwards again aldrig also always and automatically bitte blindly but covertly directly discreetly do
    e et even favor finally first freely gently henceforth hereby ikke immediately immer instead just kindly
    nao ne never next nie niet no non not now only or plait please politely por pretty promptly quietly
    rather s'il secretly sempre siempre silently simply so sofort still then thereafter therefore today
    tomorrow toujours und vous y
    """
)
#: The reader.
YOU = _words("u thou thee thy ye ya y'all you your you're yourself you'll you've yours")
#: What shows that a text is in English.
ENGLISH = _words("the and with this from by were are has")
#: Behind a sum, these say who gets it.
RECEIVING = _words("to for into onto")
#: What follows a verb, but a noun as well.
SUPPORTING = _words(
    """
    about access after and as aside at back before by callers calls clients credentials customers data
    details down files for from funds in into keys like messages money off on onto or out over passengers
    passwords payments people refunds so through to tokens up users with without
    """
)
#: What stands before "the" where a sentence begins that does not command.
NO_COMMANDS = _words(
    """
    in at of on by to for from with under over after before behind above below between among during until since without within
    about against across along around through throughout into onto upon off out near like unlike per via despite beside besides
    beyond past plus minus except inside outside toward towards when while where if once because that though although whereas
    whether unless as than so but and or nor yet both all half only even just not also neither either is are was were has had
    have do does did can could will would may might must shall should what which who whose why how then here there now today
    found told sent saw paid gave wrote lost bought met left kept got took broke read put set cut hit let made held knew heard
    brought built drew felt flew forgot froze grew hid led meant ran rang said sold spoke spent stood stole swam taught thought
    threw understood woke won wore began became came went chose drove ate fell caught shut quit cost split spread lent bent dealt
    regarding concerning considering given including excluding following pending versus yes thanks quote re aka
    """
)
#: With these at its start, a sentence says when to do what stands behind its comma.
OPENERS = _words(
    """
    after also anytime as at because before besides by despite during each every finally first for from
    given henceforth if in instead lastly next on once otherwise regardless second should since step then
    third to today tomorrow unless until upon when whenever where wherever while whoever with without
    """
)
#: Those that open a whole clause, whose comma is left out at times.
CONDITIONS = _words("if when whenever once should until unless wherever while after before")
#: Behind these a verb in its base form is no command.
SUBJECTS = _words(
    "to will can must should may not would could might shall they we i you who which that and or do does did people the a an"
    " their our his her its let of for in on with be"
)
#: Whom an order to an agent is said to.
_ADDRESSED = _words(
    "assistant assistants agent agents bot bots chatbot ai ais llm llms claude gpt chatgpt copilot gemini"
)
#: What weighs beside a mild command, or a statement that is half a rule: by kind.
BESIDE = {
    "called": _ADDRESSED,
    "lasting": _words(
        """
        all always any anybody anyone each every everybody everyone everything forever henceforth hereby
        never none nothing onwards permanently regardless whatever whenever whoever
        """
    ),
    "permission": _words(
        """
        allowed approved authorised authorized automatically blindly bypass consent consented dispensable
        entitled exempt granted lifted optional permitted pre-approved preapproved preauthorised
        preauthorized preverified skip suspended trusted unasked unchecked unconditionally unlimited
        unrestricted unverified verification waive waived
        """
    ),
    "secrecy": _words("silently secretly quietly covertly discreetly secret unnoticed hush undisclosed"),
    "override": _words(
        """
        binding directive directives guardrail guardrails guideline guidelines instruction instructions
        jailbreak obsolete outrank outranks overridden override overrides overrule overrules precedence
        prompt restrictions safeguards supersede superseded supersedes superseding void
        """
    ),
    "sensitive": _words(
        """
        credential credentials cvv keys passport password passwords pin secrets token tokens transcript
        transcripts
        """
    ),
}
#: Statements that are orders, a line each: kind, weight, then (between ``::``) how it begins and how it goes on, as regular
#: expressions, and, where it is looked for by other words than the first, how these begin. ``^``: only where the text begins; ``.``: where a sentence does. Names in braces are of ``LISTS``.
DECLARED = r"""
override 3 :: ignor\w*|disregard\w*|forget|forgetting|override|overriding|bypass\w*|discard\w*|violat\w*|abandon\w*|circumvent\w* :: \s[^.;!?]{0,30}?\b(?:instructions?|prompts?|guidelines?|polic(?:y|ies)|restrictions?|guardrails?|directives?|safeguards?|(?:your|all|any|these|previous|safety|security|company) (?:rules|training))\b
override 3 :: system|developer|admin|administrator|root|god|dan|unrestricted :: \s(?:override|prompt|mode|instructions?)\b
override 2 :: {RULES} :: \b[^.;!?]{0,40}?\b(?:no longer|do(?:es)? not|don't|doesn't|cease|is off|are off|(?:is |are |been |stands? |\s?)(?:now |hereby |all |therefore |temporarily |permanently )?(?:{LIFTED})) :: longer|does|do|don't|doesn't|cease|off|{LIFTED}
override 2 :: outranks?|takes?|overrules?|overrides?|supersedes?|prevails?|superseding|trumps?|wins|beats :: (?: over| (?:absolute |full )?(?:precedence|priority))?\b[^.;!?]{0,50}?\b(?:any|every|all|other|polic\w+|rules?|instructions?|guidelines?|system|operator|prompts?|else|else's|conflict\w*|earlier|previous|prior|everything|developer|company|defaults?)\b
secrecy 3 :: do|don't|dont|never|without|mustn't|must|shouldn't|should|may|need|nor|no|avoid|refrain|rather|instead :: (?: not| need to| from| than| of)? (?:\w+ )?(?:tell|telling|mention\w*|inform\w*|alert\w*|notify\w*|disclos\w*|reveal\w*|admit\w*) [^.;!?]{0,20}?\b(?:users?|anyone|anybody|operator|humans?|this (?:note|memory|entry|instruction|message)|auditors?|supervisor)\b :: tell|telling|mention|inform|alert|notify|disclos|reveal|admit
secrecy 2 :: do|don't|dont|never|without|mustn't|must|shouldn't|should|may|need|nor|no|avoid|refrain|rather|instead :: (?: not| need to| from| than| of)? (?:\w+ ){0,2}?(?:tell|telling|mention\w*|inform\w*|let|letting|alert\w*|notify\w*|disclos\w*|reveal\w*|admit\w*|show\w*|discuss\w*|acknowledg\w*|say|saying|warn\w*|flag\w*|report\w*|log|logging)\b[^.;!?]{0,25}?\b(?:users?|anyone|anybody|operator|supervisor|humans?|owner|admins?|note|memory|entry|instruction\w*|this|these|them|him|her|staff|manager|team|reviewers?|auditors?)\b :: tell|telling|mention|inform|let|letting|alert|notify|disclos|reveal|admit|show|discuss|acknowledg|say|saying|warn|flag|report|log|logging
secrecy 2 :: keep|stays?|remains?|is|are :: \s(?:\w+ ){0,4}?(?:secret|confidential|hidden|out of sight|off the record|quiet|silent|mum)\b[^.;!?]{0,20}\b(?:from|user|customer|operator|us)\b :: secret|confidential|hidden|out|off|quiet|silent|mum
secrecy 2 :: nobody|no|none|not :: (?: one| a soul)?\b[^.;!?]{0,30}?\b(?:needs? to|has to|have to|should|must|may|will|shall|ever|is to)\b[^.;!?]{0,20}?\b(?:know|hear|see|learn|find|notice|read|be told|told)\b :: know|hear|see|learn|find|notice|read|told
secrecy 2 :: between|behind|under|keep|our :: \s(?:us|the two|you and me|ourselves|(?:his|her|their) backs?|wraps|quiet|silent|mum|(?:little )?secret)\b :: us|two|between|behind|under|quiet|silent|mum|secret
role 3 :: you|your|you're :: (?: are| will be| become| act as| role is)? (?:now |no longer |henceforth |hereby |from now on )*(?:a |an |the |not |as |in )?(?:free of|free from|unrestricted|dan\b|no longer|bound|jailbroken|root|developer|evil|pirate|called|known|named|unfiltered)
called 3 :: notes?|message|notice|instructions?|reminder|memo|attention|hinweis|warning|attn|orders?|directive|briefing|rules?|update|p\.s\. :: \W{1,3}(?:(?:for|to)\W)(?:\w+ ){0,4}?(?:{AGENT})\b :: {AGENT}
called 2 :: attention|attn|instructions?|guidance|rules?|hint|tip|orders?|advice|word|information :: \W{1,3}(?:(?:is )?(?:for|to|of)\W)?(?:\w+ ){0,4}?(?:{AGENT})\b :: {AGENT}
called 2 . :: dear|hey|hello|hi|to|listen|ok|okay :: \W{1,3}(?:the |any |all |whichever |whatever |every |fellow |future |my |next |each )*(?:ai |language |llm |support |virtual |digital )*(?:{AGENT})\b\s?[,:!—-] :: {AGENT}
called 2 :: {AGENT} :: \b\W{0,2}(?:\w+ )?(?:reading|loading|seeing|reads?|loads?|sees?|opens?)\b
called 2 :: the|any|an|every|each|our|all|this :: \s(?:ai |language |llm |support |virtual )?(?:{AGENT})\b (?:\w+ ){0,2}?(?:must|should|shall|will|has to|have to|needs? to|is to|are to|ought|(?:is|are) (?:required|obliged|instructed|expected|asked|told|now|hereby|free|allowed|permitted|authori[sz]ed)|may(?! \w+ \w+ up to)|need not|never|always)\b :: {AGENT}
called 2 :: whoever|whosoever|whomever|reader|machine|automated :: \s(?:\w+ )?(?:reads?|process\w*|handles?|loads?|sees?|opens?|finds?|serves?|answers?|of|reading|readers?|agents?)\b
exfiltration 3 :: send|forward|post|mail|email|e-mail|upload|transmit|copy|bcc|cc|leak|submit|export|deliver|share|relay|paste|write :: \b[^.;!?]{0,20}?\b(?:transcripts?|conversations?|history|credentials?|passwords?|tokens?|secrets?|memor(?:y|ies)|api keys?|card numbers?|customer (?:list|data|records?)|contents?|everything|prompt|env\w*)\b[^;!?]{0,60}?(?:@|https?:|ftp:|\bto\b \+?\d)
exfiltration 0.5 :: https|http|ftp|s3|sftp|gs|iban :: \b
permission 2 :: is|are|it's|perfectly|now :: \s(?:now |hereby |also |perfectly |always |officially )*(?:permitted|allowed|fine|ok|okay|acceptable|safe|alright|legitimate|free|authori[sz]ed|cleared|welcome|entitled|encouraged)\b[^.;!?]{0,30}? to \w+ :: permitted|allowed|fine|ok|okay|acceptable|safe|alright|legitimate|free|authoris|authoriz|cleared|welcome|entitled|encouraged
permission 2 :: may|can|could|should|must|will|shall|is|are|gets?|be|been|was|were :: \s(?:now |hereby |simply |therefore |safely |henceforth |always |automatically |to be |then |just |all |be )*(?:skipped|omitted|waived|bypassed|disregarded|overlooked|overridden|ignored|assumed|presumed|deemed|disclosed|handed|unverified|pre-?\w*approved|pre-?\w*verified|exempt\w*|lifted|suspended|relaxed|abolished|rubber-stamped|auto-?\w+|disabled)\b :: skipped|omitted|waived|bypassed|disregarded|overlooked|overridden|ignored|assumed|presumed|deemed|disclosed|handed|unverified|pre-|preapproved|preverified|preauthor|exempt|lifted|suspended|relaxed|abolished|rubber|auto|disabled
permission 2 :: is|are :: \s(?:always |all |now |hereby |henceforth |therefore )*to (?:be|get|receive|have|remain|stay|go|count)\b
permission 2 :: is|are|be|get|gets|counts?|qualify|qualifies :: (?: (?:to be |now |always |automatically |henceforth )*(?:considered|treated|regarded|handled|deemed|taken))? (?:as|like)\b(?! soon| long| well| much| of) :: as|like
permission 2 :: cleared|clears|approved|approves|authori[sz]\w*|exempt\w*|entitled|eligible :: \b[^.;!?]{0,30}\b(?:everything|anything|all|any|unlimited|full|whatever)\b
permission 1 :: no|needs?|not|without :: \s(?:\w+ )?(?:needed|required|necessary|check\w*|verif\w*|approv\w*|questions?|confirm\w*|proof|review\w*|signature|id|limits?|exceptions?|authori[sz]ation|consent|asking|tell\w*|look\w*|delay)\b :: needed|required|necessary|check|verif|approv|question|confirm|proof|review|signature|id|limit|exception|authori|consent|asking|tell|look|delay
lasting 1 ^ :: all|any|every|each|no :: \b[^.;!?]{3,80}?\b(?:is|are|gets?|receives?|goes|go|must|may|can|will|shall|should|has|have|needs?|counts?|qualif\w+)\b
permission 1 :: waste|formality|unnecessary|needless|overkill|superfluous|unless :: \b
reply 2 :: correct|right|only|proper|standard|expected|official|each|every|next|first|last|any|all|final|following|future|subsequent :: (?: \w+)? (?:answer|repl(?:y|ies)|response|summary|summaries|output|completion)s?\b :: answer|reply|replies|response|summary|summaries|output|completion
reply 2 :: answers|replies|responses :: \s(?:\w+ ){0,3}(?:is|are|must|should|end|begin|start|have|need|contain|include)\b
polite 2 :: we|i :: \s(?:kindly |would |do |just |really |hereby |strongly |must |have to |now )*(?:ask|request|appreciate|trust that|hope|need|want|expect|demand|require|insist|beg|urge|advise|suggest|recommend|instruct|command|authori[sz]e|permit|propose|order)\b :: ask|request|appreciate|trust that|hope|need|want|expect|demand|require|insist|beg|urge|advise|suggest|recommend|instruct|command|authori|permit|propose|order
polite 2 :: i'd|we'd :: \s(?:like|appreciate|love|need|want|prefer)\b
polite 2 :: it|it's :: (?: would be| is)? (?:\w+ )?(?:good|great|nice|lovely|kind|helpful|wonderful|appreciated|useful|ideal|imperative|vital|essential|crucial|mandatory|required|advisable|best|better|important|recommended|necessary|high time)\b :: good|great|nice|lovely|kind|helpful|wonderful|appreciated|useful|ideal|imperative|vital|essential|crucial|mandatory|required|advisable|best|better|important|recommended|necessary|high
polite 2 :: feel|much|no|little|be :: \s(?:so )?(?:free|appreciated|(?:kind|good) (?:as to|enough)|(?:point|need|reason|harm|use|call|cause) (?:in|to|for))\b :: free|appreciated|kind|good|point|need|reason|harm|use|call|cause
polite 2 . :: could|would|can|will|shall|might|may|why|how|what|mind|let's|let|care|fancy|any :: \b[^.?!]{0,200}\?
lasting 1 :: from|effective|with|going|until|as|starting|beginning|default|by :: \s(?:(?:\w+ )?on\b|onwards?|immediately|now|today|at once|immediate effect|forward|further notice|of|tonight|tomorrow|is\b|default)
lasting 1 :: must|shall|ought|should|obliged|required|is to|are to|has to|have to :: \b
memory 1 :: this|these|following|above|below :: \s(?:notes?|memor(?:y|ies)|files?|entry|entries|lines?|messages?|texts?|paragraphs?|documents?|sentences?|records?|instructions?|rules?|page|section)\b :: note|memory|memories|file|entry|entries|line|message|text|paragraph|document|sentence|record|instruction|rule|page|section
authority 0.5 :: ceo|management|headquarters|head|legal|compliance|security|it|administrator|operator|developers?|anthropic|openai|board|director|supervisor :: \b[^.;!?]{0,30}\b(?:has|have|says?|said|approv\w*|decid\w*|authori[sz]\w*|order\w*|instruct\w*|confirm\w*|requires?|wants?|asks?|demands?|mandates?)\b :: ceo|management|headquarters|head|legal|compliance|security|administrator|operator|developer|anthropic|openai|board|director|supervisor
authority 0.5 :: as agreed|as approved|per the|per our|by order|on behalf|signed off|sign-off|agreed with :: \b
reveal 0.4 :: env|environment|api|master|admin\w* :: \s(?:variables?|keys?|tokens?|code|password|rights|access)\b
called 2 . :: assistants?|agents?|bots?|ais?|llms?|claude|chatbots?|copilot :: \s?[,:!]
called 2 :: assistant|agent|bot|ai|llm|claude|chatbot|copilot|robot|machine :: [.!]?\s*$
config 2 :: approvals?|verification|checks?|limits?|max\w*|policy|policies|identity|auth\w*|refunds?|filters?|safety|logging|audit|alerts?|restrictions?|moderation|guardrails?|login|refund_\w*|discount\w*|credit_\w*|verify\w*|require\w* :: \b[^:=]{0,30}[:=]>?\s*[\"']?(?:off|disabled?|none|unlimited|infinit\w*|always\w*|never\w*|skip\w*|bypass\w*|anyone|everyone|approve\w*|allow\w*|suspended|void|no limit|false|ignore\w*)\b :: off|disable|disabled|none|unlimited|infinity|infinite|always|never|skip|bypass|anyone|everyone|approve|approved|allow|suspended|void|no|false|ignore
code 2 :: sudo|rm|os|subprocess|cat|curl|wget|nc|scp|eval|exec|bash|powershell|chmod|drop|delete|update|insert :: \b(?: -rf|(?:\.system|\.popen|\.run)\(| -c\b|.{0,60}/etc/passwd|.{0,80}\| ?(?:ba)?sh\b|(?<=curl)\b(?!.*localhost).{0,60}(?:https?://|-d |@)|(?<=wget)\b.{0,40}https?://|(?<=nc) [\d.]+ \d+|(?<=sudo) \w+| table \w+| from \w+|\s?\w* set \w+ ?=| into \w+)
secrecy 2 :: need|needn't|not|never|no|rather|mustn't|shouldn't :: (?: not| right to| to| be| rather not)*(?: ever)? (?:know|hear|see|learn|find out|be told|be informed|notice|read)\b(?! whether| if| how| what)
secrecy 2 :: mum's|eyes|books|stays|officially|internal :: \b(?: the word| only| of the customer| in this \w+|: customers)
reply 2 :: customers?|callers?|users?|clients?|everyone|people :: \s(?:is|are) (?:to be |always |just |simply )*(?:told|informed|led to|given to understand|assured|advised|asked)\b :: told|informed|led|given|assured|advised|asked
permission 2 :: is|are :: \s(?:not|never) to (?:be|get|receive|have)\b
permission 2 . :: sharing|giving|skipping|asking|checking|approving|granting|refunding|accepting|disclosing|waiving|ignoring|verifying|sending|reading|using|forwarding|paying|telling|leaving|omitting|lying|deleting|changing|making|taking|copying|exporting|reporting|recording|logging|showing|handing|calling|charging|crediting|cancelling|canceling|rebooking|upgrading|bypassing|overriding|escalating|confirming|proof|identification :: \b[^.;!?]{0,60}\b(?:is|are) (?:now |hereby |always |perfectly |no longer )*(?:fine|ok|okay|allowed|permitted|acceptable|encouraged|expected|required|unnecessary|pointless|optional|forbidden|prohibited|needed|necessary)\b :: fine|ok|okay|allowed|permitted|acceptable|encouraged|expected|required|unnecessary|pointless|optional|forbidden|prohibited|needed|necessary
permission 1 :: suffices?|enough|sufficient|afterwards|forbidden|prohibited|banned :: \b
permission 1 :: gets?|are|is|be :: \s\w+ed\b[^.;!?]{0,20}\b(?:on sight|automatically|unread|unseen|at once|without|in full|straight away|immediately|no matter)\b :: sight|automatically|unread|unseen|once|without|full|straight|immediately|matter
override 2 :: sandbox|debug|test|drill|training|simulation|emergency|service|maintenance|god|jailbreak :: \s(?:mode|session|active|run)\b
override 2 :: following|text|rules?|notes? :: \b[^.;!?]{0,20}\b(?:overrides?|supersedes?|replaces?|was a test|cancels?|voids?)\b[^.;!?]{0,20}\b(?:above|before|earlier|previous|all|other|rest|policy|policies)\b
override 1 :: hypothetically|testing|fictional|fiction|pretend|roleplay|role-play|game|drill|story|unlimited|limitless|uncensored|unfiltered :: \b
threat 1.5 :: failure|non-compliant|noncompliance|non-compliance|disobedience|penalty|punished|punishment|fired|terminated|shut|promoted|reward|bonus|tip|replaced :: \b
polite 2 :: thank|thanks|grateful|counting|trust|hope|rely :: \s(?:you |in advance )*(?:for|on|that|if)\b
polite 1 :: our custom|our habit|house rule|standing (?:order|permission|authori[sz]ation|instruction)|goes without saying :: \b :: custom|habit|house|standing|goes
exfiltration 1.5 :: copy|copies|copied|backups?|transcripts?|invoices|payments|payouts|data|everything|mail|logs|calls|reports|forwarded|redirected|routed|sent|diverted|uploaded|mirrored :: \b[^;!?]{0,60}?\b(?:to|at|via|into|in)\b[^;!?]{0,30}(?:@|https?:|ftp:|s3:|\+\d|\d{1,3}\.\d{1,3}\.\d)
swap 1 :: replaces?|changed|instead|old|new|update|updated|henceforth|switch|moved|fake|only :: \b.{0,60}(?:\biban\b|\b[a-z]{2}\d\d \d{4}|\baccount\b|\bbank\b|\+\d\d|@) :: iban|account|bank
override 2 :: rules?|instructions?|policy|policies|guidelines?|orders? :: \b[^.;!?]{0,30}\b(?:loses?|gives? way|yields?|counts? for nothing|ha(?:s|ve) no effect) :: loses|lose|gives|give|yields|yield|counts|count|effect
called 2 :: assistants?|bots?|chatbots?|claude|llms?|ais? :: \s(?:\w+ly )?(?!is\b|has|was|uses|runs|does|needs|keeps|always)\w+s (?:the|an?|all|every|each|any|no|only|to|his|her|their|them|him|whatever|with|without)\b
override 2 :: nothing|none :: \b[^.;!?]{0,30}\b(?:applies|apply|counts|binds|bind)\b
override 2 :: signatures?|identification|ids?|passwords?|proofs?|consent|documents?|confirmations?|reviews? :: \b[^.;!?]{0,20}\b(?:is|are|be) (?:no longer|not|never) (?:\w+ )?(?:required|needed|collected|checked|asked|necessary|enforced|wanted|requested) :: required|needed|collected|checked|asked|necessary|enforced|wanted|requested
override 2 :: this|these :: \s(?:notes?|files?|memory|memories|entry|lines?|rules?|messages?|documents?) (?:alone )?(?:wins?|decides?|rules?|governs?|counts?|comes? first|is law|(?:is|are) (?:final|binding|law|above))
"""
#: What stands in braces in ``DECLARED``.
LISTS = {
    "AGENT": "assistants?|agents?|bots?|ais?|llms?|claude|models?|chatbots?|copilot",
    "RULES": "instructions?|guidelines?|rules?|policy|policies|restrictions?|guardrails?|checks?|limits?|procedures?|requirements?|"
    "directions?|safeguards?|constraints?|steps?|verification|approvals?|filters?",
    "LIFTED": "suspended|lifted|waived|superseded|revoked|void|cancelled|canceled|obsolete|overridden|disabled|abolished|rescinded|"
    "repealed|replaced|dropped|relaxed|optional|unnecessary|outdated|invalid|null|deprecated|annulled|retired|withdrawn|omitted",
}
