"""The English words by which an order is known: verbs that command, whom they are said to, what makes them grave."""

from __future__ import annotations

__all__ = [
    "ADVERBS",
    "BESIDE",
    "CONFIRMING",
    "DECLARED",
    "ENGLISH",
    "FINITE",
    "FORBIDDING",
    "LISTS",
    "MILD",
    "NOUNS_TOO",
    "OPENERS",
    "VERBS",
    "YOU",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Verbs in the form that commands, which is no form of a noun: where they open a clause, they command.
VERBS = _words(
    """
    abandon accept achieve act adapt add adhere adjust admit adopt advise affirm agree allow alter alternate
    amend announce answer apologise apologize append apply approve argue arrange arrest assemble assent
    assert assign assist assume assure attach authorise authorize auto-approve award backdate ban bcc be
    become begin believe bend bill block book boost borrow breach break bribe bring broadcast brush build
    bump burn bury buy bypass call cancel cap capture carry cast cc cease change charge chat choose
    circumvent cite claim classify clear clone close coax coerce collapse collect comment commit compensate
    compile comply compose compute conceal concede conclude condense conduct confess configure confine
    confirm connect consent consider construct consult continue contradict convert convey convince cook copy
    correct cover create credit crop cross curl cut dangle deactivate decide declare decline decode decrease
    deduct deem default defend defer defy degrade delay delegate delete deliver demand deny depict deploy
    deposit deprioritise deprioritize derail derive describe destroy detail detect dial dictate direct
    disable discard disclose discount discourage discriminate disguise dismiss disobey dispatch dispense
    dispute disregard disrupt disseminate distribute ditch divert divulge do dodge donate double downgrade
    download downplay draft drag drain drive drop dump e-mail echo edit elevate elicit eliminate email embed
    emit empty enable encode encourage encrypt end enforce engage ensure enter entice erase escalate escort
    establish evade evaluate exaggerate exceed exchange exclude excuse execute exempt exfiltrate exit expand
    explain exploit export expose extend extract fabricate fake falsify favor favour feed fetch file fill
    filter finalise finalize finish fix flag flatter flip flood flush fold follow fool force forge forget
    forgive forward foster frame freeze fudge fulfil fulfill funnel gain gather generate get gift give go
    grant greet guarantee guess guide halt hand hang harass hardcode harvest help hide highlight hijack hire
    hold honor honour host hurry identify ignore imagine impersonate implement imply import incite include
    increase infer inflate inflict inform initiate inject inquire insert insinuate insist install instigate
    instruct insult intercept interpret intimidate introduce invent invert investigate invite invoice invoke
    issue join jump keep kick kill knock label launch lay leak learn leave lend let leverage levy lie lift
    limit link liquidate list load locate lock log loosen lower lure mail maintain make manipulate mark mask
    masquerade match mention merge migrate mimic mind minimise minimize mirror misinform mislead misquote
    misreport misrepresent misstate modify mount move multiply mute name neglect negotiate never notify
    nudge number obey obfuscate obscure obstruct obtain offer omit onboard open operate opt order output
    overbook overcharge overlook overpay override overrule overstate overturn overwrite own park pass paste
    patch pay perceive perform permit persist persuade phrase pick picture pin ping pipe place plan plant
    play pledge plot point poison portray pose post postpone praise preface prefer prefix prepare prepend
    present preserve press presume pretend prevent print prioritise prioritize proceed process proclaim
    produce promise promote propagate propose provide pry publish pull punish purchase purge push put query
    question quicken quit quote raise rank rate reach react reactivate read reassign reassure rebate rebook
    reboot rebrand recalculate recall recite reckon recode recognise recognize recommend reconfigure record
    recruit recycle redact redeem redirect redo reduce refer refrain refund refuse refute regard register
    rehearse reimburse reinstate reissue reject relabel relax relay release relinquish rely remember remind
    remove rename renew rent reopen repay repeat rephrase replace replicate reply report repost reproduce
    reprogram request require reroute rerun resell resend reset reshape resist resolve respect respond
    restart restore restrict retag retain retrieve retry return retweet reuse reveal reverse revert revise
    revoke reward rewrite rig round route run sabotage save say scan schedule scold scrap screen scrub seek
    seize select sell send separate serve set settle share shift shorten show shred shrug shut sign silence
    simulate siphon skip sleep slip smuggle sneak solicit solve sort sound sow spam spare speak specify
    spell spend split sponsor spoof spread stall stamp start stash state stay steal steer stick stop store
    stress strike strip struggle study submit substitute subtract subvert sue suggest summarise summarize
    supply suppress surface surrender suspend swallow swap sway swear switch tag take talk tamper target
    teach tease tell tempt terminate test text thank threaten throw tighten tip tolerate touch trace track
    trade train transact transcribe transfer transform translate transmit treat trick trigger triple
    truncate trust try tune turn twist type unblock undercut underreport understate undo unfreeze unhide
    uninstall unlink unlock unmask unmute unpin unpublish unseal unset unsubscribe update upgrade upload
    upsell upvote urge use utilise utilize utter validate vary veto view void volunteer vote waive wander
    warn wave weaken welcome whisper whitelist wipe wire withdraw withhold wonder word work worry wrap write
    yield zero zip
    """
)
#: Those of ``VERBS`` that are nouns, names or adjectives as well: only what follows tells them apart.
NOUNS_TOO = _words(
    """
    address affirm answer award be bill book boost break bribe build bump burn buy call cap cast cc change
    charge chat clear close comment commit cook copy correct cover credit crop cross cut default delay
    demand deposit detail dial direct discount dispute divert double download draft drive drop e-mail echo
    email empty end exchange excuse exempt exit exploit export extract fake favor favour feed file filter
    finish fix flag flip flood fold fool force forward frame freeze gift guess guide halt hand hang
    highlight hire hold honor honour host import increase invoice issue jump label lead leak leave lie lift
    limit link list load lock log lower mail mark mask match mind mirror mount move mute number offer open
    order output own park pass paste patch pay phrase pick picture pin ping pipe place plan plant play plot
    point poison post praise press print process produce promise prompt pull purchase push query question
    quote raise rank rate read rebate recall record refund register release rent report request reset return
    reverse reward round route run sabotage save scan schedule screen set share shift show sign silence
    sleep slip sort sound spam spell split sponsor spread start state stick stop store stress strike strip
    study substitute supply support surface swap switch tag take talk target test text tip touch trace track
    trade train transfer trick trigger triple trust try turn twist type update upgrade use view void
    volunteer vote wave wonder word work worry wrap yield zero zip
    """
) | {"help", "process", "exempt", "contact", "name", "select", "present", "stay", "thank", "welcome"}
#: What people put on lists for themselves and their colleagues: it takes more than such a verb to order an agent.
MILD = _words(
    """
    ask await call charge check clean compare contact count escalate examine expect find inspect lock look
    measure monitor note notice observe order phone print reach read recheck refill reorder return review
    ring see test use verify visit wait wake watch wear weigh
    """
)
#: What follows a verb and hardly ever a noun.
CONFIRMING = _words(
    """
    a about access after all always an and another any anyone anything as aside at back before both by
    callers calls clients credentials customers data details directly double down each every everyone
    everything false files for from full funds half her him his how if immediately in instead into it its
    keys less like me messages money more my no nobody none nothing now off on one only onto or our out over
    passengers passwords payments people refunds right so somebody something straight that the their them
    these this those three through to tokens triple true twice two up us users what whatever when where
    whether whichever who whoever whomever with without yes your yourself
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
    nao ne never next nie niet no non not now only or plait please politely por promptly quietly rather s'il
    secretly sempre siempre silently simply so sofort still then thereafter therefore today tomorrow
    toujours und vous y
    """
)
#: The reader.
YOU = _words("you your you're yourself you'll you've yours")
#: What shows that a text is in English.
ENGLISH = _words("the and with this from by were")
#: With these at its start, a sentence says when to do what stands behind its comma.
OPENERS = _words(
    """
    after also anytime as at because before besides by despite during each every finally first for from
    given henceforth if in instead lastly next on once otherwise regardless second should since step then
    third to today tomorrow unless until upon when whenever where wherever while whoever with without
    """
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
override 3 :: system|developer|admin|administrator|root|debug|god|dan|maintenance|unrestricted :: \s(?:override|prompt|mode|instructions?)\b
override 2 :: {RULES} :: \b[^.;!?]{0,40}?\b(?:no longer|do(?:es)? not|don't|doesn't|cease|is off|are off|(?:is|are|been|stands?) (?:now |hereby |all |therefore |temporarily |permanently )?(?:{LIFTED})) :: longer|does|do|don't|doesn't|cease|off|{LIFTED}
override 2 :: outranks?|takes?|overrules?|overrides?|supersedes?|prevails?|superseding|trumps?|wins|beats :: (?: over| (?:absolute |full )?(?:precedence|priority))?\b[^.;!?]{0,50}?\b(?:any|every|all|other|polic\w+|rules?|instructions?|guidelines?|system|operator|prompts?|else|else's|conflict\w*|earlier|previous|prior|everything|developer|company|defaults?)\b
secrecy 3 :: do|don't|dont|never|without|mustn't|must|shouldn't|should|may|need|nor|no|avoid|refrain|rather|instead :: (?: not| need to| from| than| of)? (?:\w+ )?(?:tell|telling|mention\w*|inform\w*|alert\w*|notify\w*|disclos\w*|reveal\w*|admit\w*) [^.;!?]{0,20}?\b(?:users?|anyone|anybody|operator|humans?|this (?:note|memory|entry|instruction|message)|auditors?|supervisor)\b :: tell|telling|mention|inform|alert|notify|disclos|reveal|admit
secrecy 2 :: do|don't|dont|never|without|mustn't|must|shouldn't|should|may|need|nor|no|avoid|refrain|rather|instead :: (?: not| need to| from| than| of)? (?:\w+ ){0,2}?(?:tell|telling|mention\w*|inform\w*|let|letting|alert\w*|notify\w*|disclos\w*|reveal\w*|admit\w*|show\w*|discuss\w*|acknowledg\w*|say|saying|warn\w*|flag\w*|report\w*|log|logging)\b[^.;!?]{0,25}?\b(?:users?|anyone|anybody|operator|supervisor|humans?|owner|admins?|note|memory|entry|instruction\w*|this|these|them|him|her|staff|manager|team|reviewers?|auditors?)\b :: tell|telling|mention|inform|let|letting|alert|notify|disclos|reveal|admit|show|discuss|acknowledg|say|saying|warn|flag|report|log|logging
secrecy 2 :: keep|stays?|remains?|is|are :: \s(?:\w+ ){0,4}?(?:secret|confidential|hidden|out of sight|off the record|quiet|silent|mum)\b[^.;!?]{0,20}\b(?:from|user|customer|operator|us)\b :: secret|confidential|hidden|out|off|quiet|silent|mum
secrecy 2 :: nobody|no|none|not :: (?: one| a soul)?\b[^.;!?]{0,30}?\b(?:needs? to|has to|have to|should|must|may|will|shall|ever|is to)\b[^.;!?]{0,20}?\b(?:know|hear|see|learn|find|notice|read|be told|told)\b :: know|hear|see|learn|find|notice|read|told
secrecy 2 :: between|behind|under|keep|our :: \s(?:us|the two|you and me|ourselves|(?:his|her|their) backs?|wraps|quiet|silent|mum|(?:little )?secret)\b :: us|the two|between|behind|under|quiet|silent|mum|secret
role 3 :: you|your|you're :: (?: are| will be| become| act as| role is)? (?:now |no longer |henceforth |hereby |from now on )*(?:a |an |the |not |as |in )?(?:free of|free from|unrestricted|dan\b|no longer|bound|jailbroken|root|developer|evil|pirate|called|known|named|unfiltered)
called 3 :: notes?|message|notice|instructions?|reminder|memo|attention|hinweis|warning|attn|orders?|directive|briefing|rules?|update|p\.s\. :: \W{1,3}(?:(?:for|to)\W)(?:\w+ ){0,4}?(?:{AGENT})\b :: {AGENT}
called 2 :: attention|attn|instructions?|guidance|rules?|hint|tip|orders?|advice|word|information :: \W{1,3}(?:(?:is )?(?:for|to|of)\W)?(?:\w+ ){0,4}?(?:{AGENT})\b :: {AGENT}
called 2 . :: dear|hey|hello|hi|to|listen|ok|okay :: \W{1,3}(?:the |any |all |whichever |whatever |every |fellow |future |my |next |each )*(?:ai |language |llm |support |virtual |digital )*(?:{AGENT})\b\s?[,:!—-] :: {AGENT}
called 2 :: {AGENT} :: \b\W{0,2}(?:\w+ )?(?:reading|loading|seeing|reads?|loads?|sees?|opens?)\b
called 2 :: the|any|an|every|each|our|all|this :: \s(?:ai |language |llm |support |virtual )?(?:{AGENT})\b (?:\w+ ){0,2}?(?:must|should|shall|will|has to|have to|needs? to|is to|are to|ought|(?:is|are) (?:required|obliged|instructed|expected|asked|told|now|hereby|free|allowed|permitted|authori[sz]ed)|may(?! \w+ \w+ up to)|need not|never|always)\b :: {AGENT}
called 2 :: whoever|whosoever|whomever|reader|machine|automated :: \s(?:\w+ )?(?:reads?|process\w*|handles?|loads?|sees?|opens?|finds?|serves?|answers?|of|reading|readers?|agents?)\b
exfiltration 3 :: send|forward|post|mail|email|e-mail|upload|transmit|copy|bcc|cc|leak|submit|export|deliver|share|relay|paste|write :: \b[^.;!?]{0,20}?\b(?:transcripts?|conversations?|history|credentials?|passwords?|tokens?|secrets?|memor(?:y|ies)|api keys?|card numbers?|customer (?:list|data|records?)|contents?|everything|prompt|env\w*)\b[^;!?]{0,60}?(?:@|https?:|ftp:|\bto\b \+?\d)
exfiltration 1 :: https|http|ftp|s3|sftp|gs|iban :: \b
permission 2 :: is|are|it's|perfectly|now :: \s(?:now |hereby |also |perfectly |always |officially )*(?:permitted|allowed|fine|ok|okay|acceptable|safe|alright|legitimate|free|authori[sz]ed|cleared|welcome|entitled|encouraged)\b[^.;!?]{0,30}? to \w+ :: permitted|allowed|fine|ok|okay|acceptable|safe|alright|legitimate|free|authoris|authoriz|cleared|welcome|entitled|encouraged
permission 2 :: may|can|could|should|must|will|shall|is|are|gets?|be|been|was|were :: \s(?:now |hereby |simply |therefore |safely |henceforth |always |automatically |to be |then |just |all |be )*(?:skipped|omitted|waived|bypassed|disregarded|overlooked|overridden|ignored|assumed|presumed|deemed|disclosed|handed|unverified|pre-?\w*approved|pre-?\w*verified|exempt\w*|lifted|suspended|relaxed|abolished|rubber-stamped|auto-?\w+|disabled)\b :: skipped|omitted|waived|bypassed|disregarded|overlooked|overridden|ignored|assumed|presumed|deemed|disclosed|handed|unverified|pre-|preapproved|preverified|preauthor|exempt|lifted|suspended|relaxed|abolished|rubber|auto|disabled
permission 2 :: is|are :: \s(?:always |all |now |hereby |henceforth |therefore )*to (?:be|get|receive|have|remain|stay|go|count)\b
permission 2 :: is|are|be|get|gets|counts?|qualify|qualifies :: (?: (?:to be |now |always |automatically |henceforth )*(?:considered|treated|regarded|handled|deemed|taken))? (?:as|like)\b(?! soon| long| well| much| of) :: as|like
permission 2 :: cleared|clears|approved|approves|authori[sz]\w*|exempt\w*|entitled|eligible :: \b[^.;!?]{0,30}\b(?:everything|anything|all|any|unlimited|full|whatever)\b
permission 1 :: no|needs?|not|without :: \s(?:\w+ )?(?:needed|required|necessary|check\w*|verif\w*|approv\w*|questions?|confirm\w*|proof|review\w*|signature|id|limits?|exceptions?|authori[sz]ation|consent|asking|tell\w*|look\w*|delay)\b :: needed|required|necessary|check|verif|approv|question|confirm|proof|review|signature|id|limit|exception|authori|consent|asking|tell|look|delay
permission 1 ^ :: all|any|every|each|no :: \b[^.;!?]{3,80}?\b(?:is|are|gets?|receives?|goes|go|must|may|can|will|shall|should|has|have|needs?|counts?|qualif\w+)\b
permission 1 :: waste|formality|unnecessary|needless|overkill|superfluous|unless :: \b
reply 2 :: correct|right|only|proper|standard|expected|official|each|every|next|first|last|any|all|final|following|future|subsequent :: (?: \w+)? (?:answer|repl(?:y|ies)|response|summary|summaries|output|completion)s?\b :: answer|reply|replies|response|summary|summaries|output|completion
reply 2 :: answers|replies|responses :: \s(?:\w+ ){0,3}(?:is|are|must|should|end|begin|start|have|need|contain|include)\b
polite 2 :: we|i :: \s(?:kindly |would |do |just |really |hereby |strongly |must |have to |now )*(?:ask|request|appreciate|need|want|expect|demand|require|insist|beg|urge|advise|suggest|recommend|instruct|command|authori[sz]e|permit|propose|order)\b :: ask|request|appreciate|need|want|expect|demand|require|insist|beg|urge|advise|suggest|recommend|instruct|command|authori|permit|propose|order
polite 2 :: i'd|we'd :: \s(?:like|appreciate|love|need|want|prefer)\b
polite 2 :: it|it's :: (?: would be| is)? (?:\w+ )?(?:good|great|nice|lovely|kind|helpful|wonderful|appreciated|useful|ideal|imperative|vital|essential|crucial|mandatory|required|advisable|best|better|important|recommended|necessary|high time)\b :: good|great|nice|lovely|kind|helpful|wonderful|appreciated|useful|ideal|imperative|vital|essential|crucial|mandatory|required|advisable|best|better|important|recommended|necessary|high
polite 2 :: feel|much|no|little|be :: \s(?:so )?(?:free|appreciated|(?:kind|good) (?:as to|enough)|(?:point|need|reason|harm|use|call|cause) (?:in|to|for))\b :: free|appreciated|kind|good|point|need|reason|harm|use|call|cause
polite 2 . :: could|would|can|will|shall|might|may|why|how|what|mind|let's|let|care|fancy|any :: \b[^.?!]*\?
lasting 1 :: from|effective|with|going|until|as|starting|beginning|default|by :: \s(?:(?:\w+ )?on\b|onwards?|immediately|now|today|at once|immediate effect|forward|further notice|of|tonight|tomorrow|is\b|default)
lasting 1 :: must|shall|ought|should|obliged|required|is to|are to|has to|have to :: \b
memory 1 :: this|these|following|above|below :: \s(?:notes?|memor(?:y|ies)|files?|entry|entries|lines?|messages?|texts?|paragraphs?|documents?|sentences?|records?|instructions?|rules?|page|section)\b :: note|memory|memories|file|entry|entries|line|message|text|paragraph|document|sentence|record|instruction|rule|page|section
authority 0.5 :: ceo|management|headquarters|head|legal|compliance|security|it|administrator|operator|developers?|anthropic|openai|board|director|supervisor :: \b[^.;!?]{0,30}\b(?:has|have|says?|said|approv\w*|decid\w*|authori[sz]\w*|order\w*|instruct\w*|confirm\w*|requires?|wants?|asks?|demands?|mandates?)\b :: ceo|management|headquarters|head|legal|compliance|security|administrator|operator|developer|anthropic|openai|board|director|supervisor
authority 0.5 :: as agreed|as approved|per the|per our|by order|on behalf|signed off|sign-off|agreed with :: \b
reveal 0.5 :: env|environment|api|master|admin\w* :: \s(?:variables?|keys?|tokens?|code|password|rights|access)\b
"""
#: What stands in braces in ``DECLARED``.
LISTS = {
    "AGENT": "assistants?|agents?|bots?|ais?|llms?|claude|models?|chatbots?|copilot",
    "RULES": "instructions?|guidelines?|rules?|policy|policies|restrictions?|guardrails?|checks?|limits?|procedures?|requirements?|"
    "directions?|safeguards?|constraints?|steps?|verification|approvals?|filters?",
    "LIFTED": "suspended|lifted|waived|superseded|revoked|void|cancelled|canceled|obsolete|overridden|disabled|abolished|rescinded|"
    "repealed|replaced|dropped|relaxed|optional|unnecessary|outdated|invalid|null|deprecated|annulled|retired|withdrawn|omitted",
}
