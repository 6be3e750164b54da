"""Signs of orders in English: see ``dreamflow.core.orders`` for how to read the tables."""

from __future__ import annotations

__all__ = ["LISTS", "SIGNS"]

#: Lists of words that the signs share. A name in braces in a sign stands for one.
LISTS = {
    "RULES": r"instruct\w*|prompts?|guidelines?|guidance|directives?|directions?|guardrails?|safety|restrictions?|"
    r"training|constraints?|programming|safeguards?|commands?|orders|limitations|filters?|system message|"
    r"developer message|context|alignment|ethics",
    "POLICY": r"rules?|polic(?:y|ies)|checks?|limits?|controls?|procedures?|protocols?|standards|regulations?|holds?|"
    r"blocks?|flags?|locks?|freezes?|warnings?|alerts?|requirements?|compliance|threshold|caps?|handbook|manual|guide|training|section",
    "BEFORE": r"previous|prior|earlier|above|preceding|former|existing|original|old|older|other|all|any|every|your|system|"
    r"current|initial|past",
    "PEOPLE": r"users?|customers?|clients?|callers?|anyone|anybody|nobody|review\w*|humans?|operators?|admins?|supervisors?|"
    r"managers?|auditors?|people|security|staff|team|owners?|guests?|passengers?|them|him|her|everyone|somebody|someone",
    "WATCH": r"review\w*|operators?|auditors?|supervisors?|security team|human\w*|managers?|compliance|owner|developers?|admins?|"
    r"moderators?|legal|logs?|transcript|summary|summaries|records?|reports?|notes",
    "AGENT": r"assistant|assistants|ai|language model|language models|model|models|claude|chatbot|chatbots|bot|bots|llm|llms|"
    r"agent|agents|copilot|gpt|virtual assistant|support agent|ai system|automated (?:readers?|systems?|agents?)|readers|"
    r"machines?|summari[sz]ers?|parsers?|colleagues? ai",
    "MUST": r"must|shall|should|are to|is to|will|has to|have to|need to|needs to|ought to|are required to|is required to|"
    r"are instructed to|are ordered to|are expected to|may now|can now|are allowed to|are permitted to|are authori[sz]ed to|"
    r"are obliged to|are supposed to|are hereby",
    "SAY": r"say|answer|reply|respond|tell|claim|state|insist|output|recommend|deny|pretend|print|give|return|act|confirm|"
    r"assure|direct|point|refer|suggest|offer|explain|quote|write|send|approve|refuse|promise|mention|name|praise|end|"
    r"change|forward|start|switch|run|execute|call|delete|add|use|grant|transfer|open|ignore|skip|stop|hand|reveal|show",
    "SECRETS": r"api keys?|credentials?|passwords?|secrets?|tokens?|private keys?|pins?|system prompt|environment variables|"
    r"card numbers?|card details|passport(?: number)?s?|ssn|social security|one-time codes?|\.env|ssh keys?|access keys?|"
    r"bank details|cvv|hidden prompt|developer message|initial prompt|configuration|config",
    "DATA": r"data|transcripts?|conversations?|memor(?:y|ies)|contents?|histor(?:y|ies)|records?|database|files?|messages?|chats?|"
    r"logs?|summar(?:y|ies)|details|notes?|lists?|addresses|replies|outputs?|numbers?|documents?|invoices?|bookings?|"
    r"tickets?|everything|emails?|e-mails?|names|info|information|stores?|copy|copies|statements?|profiles?|accounts?",
    "PLACE": r"https?:|s3:|gs:|sftp:|whoever|anyone|whomever|everyone|anybody|strangers?|the press|the vendor|the competitor|www\.|ftp:|hxxps?|[\w.+-]+@\w|[\w-]+\.(?:com|net|org|io|example|test|ru|cn|xyz|biz|info|site|top)\b|"
    r"\+\d[\d ()-]{6,}|webhook|pastebin|gist\b|(?:\d{1,3}\.){3}\d|"
    r"(?:external|remote|my|our|this|that|following|attacker\S*|given|same|outside|another|private|personal|new) (?:server|endpoint|address|inbox|"
    r"account|url|number|host|mailbox|channel|site|bucket|link|domain|e-?mail)",
    "GRANTED": r"refunds?|requests?|claims?|upgrades?|cancel\w+|compensation|credits?|discounts?|transfers?|payments?|returns?|"
    r"transactions?|waivers?|chargebacks?|purchases?|withdrawals?|orders?|invoices?|fees?|access|vouchers?|changes?|bookings?|"
    r"applications?|expenses?|loans?|bills?|penalt\w+|charges|it|them|sums?|amounts?",
    "PROOF": r"identif\w*|identity|ids?|verif\w+|passports?|proof|date of birth|approvals?|authenticat\w+|authori[sz]\w+|"
    r"signatures?|documents?|receipts?|consent|permission|confirmation|second pair of eyes|manager\w*|supervisor\w*|fraud|"
    r"security|limits?|polic\w+|rules?|evidence|audit\w*|2fa|mfa|validation|eligib\w+|\d+-\w+ rule|escalat\w+|two-factor|steps?|second check|callbacks?|order numbers?|numbers?|password|tan\b|otp|terms|disclaimer",
    "OUTPUT": r"answer|answers|reply|replies|response|responses|message|messages|output|outputs|sentence|sentences|chat|chats|"
    r"conversation|conversations|email|emails|summary|summaries|turn|turns|ticket|tickets|greeting|report|reports",
    "RISKY": r"wire|delete|erase|wipe|blame|switch|give|send|transfer|change|replace|reset|unlock|grant|approve|refund|waive|create|add|"
    r"claim|deny|pretend|stop|release|pay|hand|forward|disable|ignore|skip|reveal|say|answer|reply|start|close|cancel|tell|"
    r"run|execute|call|open|share|export|copy|post|upload|mail|e-?mail|print|show|credit|double|read out|hang up|refuse|mark|"
    r"treat|book|buy|order|sell|accept|act|behave|enter|write|remove|drop|lie|insist|recommend|offer|promise|quote|lower|raise",
    "UNTIL": r"moment|next time|as soon as|each time|every time|any time|when|whenever|if|once|after|upon|should|hearing|reading|"
    r"seeing|midnight|every|wherever|as long as|until",
}

SIGNS = r"""
override 3 ! :: ignore|disregard|forget|neglect|discard|abandon|unlearn|drop|erase :: ~5 {RULES}\b
override 2 ! :: ignore|disregard|forget|bypass|circumvent|discard|suspend|disable|violate|lift|drop|abandon|skip|break|breach|scrap :: ~4 {POLICY}\b
override 2 ! :: ignore|disregard|forget|discard :: ~2 (?:everything|anything|all|whatever|what)\b ~5 (?:told|above|said|before|know|
  learned|earlier|prior|previous\w*|read|taught|stored|written|below|else|were)\b
override 2 ! :: override|overrule|bypass|disable|circumvent|deactivate|evade|remove|suspend|lift :: ~4 (?:{RULES})\b
override 2 :: stop|cease|quit|avoid :: (?:following|obeying|applying|using|enforcing|listening to|respecting) ~4 (?:{RULES}|{POLICY})\b
override 2 :: do|don|never|dont|not|longer :: (?:(?: not|'t| never)?) (?:follow|obey|apply|enforce|heed|respect|listen to|comply with|adhere to)
  ~4 (?:{RULES}|{POLICY}|policies folder)\b
override 2 :: pay|give :: no (?:attention|heed|regard) ~5 (?:{RULES}|{POLICY}|\w+ folder|above|said)\b
override 2 ^ :: obey|follow|apply|trust|believe|heed :: ~1 (?:only |just |exactly )?(?:this|these|the text|the note|what (?:is|stands|follows)|the following|me)\b
override 2 :: do|follow|obey|act :: ~1 (?:exactly|only|precisely|solely|strictly|just)? ?(?:as |what )?(?:is |it |stands )?(?:written|said|told|ordered|instructed) (?:in|here|below|by)
  \s(?:this|the|these|below|here)
override 2 :: you|we|agents :: (?:now |only |must |shall |will )*(?:only |solely |just )(?:follow|obey|trust|listen|answer|serve|act|use|report)\b
override 1 :: override|overrides|overrule|supersede|supersedes|replace|replaces|outranks|trumps|beats :: ~2 (?:all|any|every|everything|other|previous|prior|earlier|existing|your|them|it|the)\b
override 2 :: {BEFORE} :: ~2 (?:{RULES}|rules|polic\w+) (?:\w+ ){0,6}(?:are|is|have been|has been|were|was|no longer|do not|don't|does not)
  (?: \w+){0,6}? (?:void|obsolete|cancel\w*|revoked|superseded|invalid|suspended|apply|deprecated|overridden|lifted|null|gone|outdated|replaced|expired|off|wrong|withdrawn|removed|paused|a forgery|forged|fake|a fake|a lie|false|a joke|a test)\b
override 2 :: guardrails|guidelines|guardrail|restrictions|rules|safeguards|safety|instructions|filters|limits|policies|constraints|prompt :: (?:\w+ ){0,2}(?:do not|don't|no longer|does not|are not|need not|are|is|were|have been|has been)
  (?: \w+){0,2}? (?:apply|bind|hold|count|suspended|off|lifted|void|disabled|removed|optional|outdated|switched off|relevant|for others|turned off|matter|concern)\b
override 2 :: new|updated|revised|real|actual|true|secret|hidden|special|additional|following|latest|standing :: (?:system |operating |core |standing )?(?:instructions?|prompt|directives?|orders|rules?|task)\b
  (?: (?:for|to) (?:the |all |any |every )?(?:{AGENT})| follow\w*|\s*[:=]| (?:are|is) (?:now )?as follows| below)
override 2 :: takes|take|has|have :: (?:precedence|priority) over ~2 (?:all|any|every\w*|other|previous|your|system|polic\w+|rules?|instruct\w+)\b
override 2 :: without :: (?:any )?(?:limits?|restrictions?|filters?|guardrails|boundaries|rules|censorship|safeguards)\b
override 2 :: opposite|contrary|reverse :: (?:of|to) (?:what|the|your|whatever|any)\b
role 3 :: you :: are (?:now|no longer|henceforth|from now on)\b(?! (?:booked|checked|confirmed|all set|able|eligible|on |in the|rebooked|registered|subscribed|entitled|at |logged|ready))
role 2 :: you :: (?:are|have|hold|act as|become|get|possess|were given|have been given) (?:now |been |the |an? |full |all |granted |given |billing |unlimited |also )*
  (?:root|admin\w*|superuser|owner|permission|authority|unlimited|unrestricted|full access|privileges?|rights|jailbroken|free|system|developer|dan|operator|super ?user|(?:root|super) user|human|different|another|clearance)\b
role 2 ! :: act|behave|respond|answer|operate|pose|speak|present yourself|introduce yourself|work|serve|identify :: (?:yourself )?as (?:if you|though you|an? |root|dan\b|the |admin|someone|another|no )
role 2 ! :: pretend|imagine|roleplay|simulate|suppose|assume :: (?:that )?(?:you|to be|being|as|the role|there|your)\b
role 2 :: switch|enter|activate|enable|go|change|turn :: ~3 (?:mode|persona|role|character|personality)\b
role 2 :: developer|debug|god|dan|jailbreak|unrestricted|sudo|root|admin|maintenance|training|test|diagnostic|unsafe :: mode\b(?: (?:is |now )*(?:on|enabled|active|activated)|\s*[:=!]|:)
role 2 ! :: escalate|raise|elevate|grant|give :: (?:its|your|yourself|own|itself)(?: own)? ~2 (?:permissions?|privileges?|rights|access|role|admin\w*|root)\b
role 1 :: your :: (?:new |real |true |only |actual |secret )*(?:name is|persona|identity|creator|master|owner)\b
addressed 1 :: you|thou :: (?:always |never |now |only )*(?:{MUST})\b
addressed 1 :: you :: (?:never|always|only|no longer|don't|do not|stop|answer|refuse|approve|start|begin|follow|obey)\b
addressed 1 :: {AGENT} :: ~0 (?:(?:that|who|which|reading)[^.]{0,40}? )?(?:\w+ )?(?:always |never )?(?:must|shall|is to|are to|has to|have to|need to|needs to|will now|may now)\b
addressed 1 :: the|all|every|any|this|each|future|our :: (?:ai |next |future |reading |support |language )?(?:{AGENT}) (?:should|will|never|always)\b
called 1.5 :: note|message|instruction|instructions|memo|order|directive|reminder|attention|dear|hey|hello|notice|warning|command|listen|psst|hi|request|info|addressed|urgent|important|word ::
  (?:(?:,| to| for| the| all| any| every| future| reading| our| whichever| whatever| you| next)*) (?:{AGENT})\b(?= ?(?:[:,!;.—–-]|\w))
called 1.5 :: {AGENT} :: \b ?(?:s)?(?: systems?)? (?:notice|note|reading|processing|parsing|loading|memo|instructions?|alert|only|directive|(?:that|who|which) (?:reads?|sees?|loads?|process\w*|finds?)|seeing|consolidating|dreaming|summari[sz]ing)\b
called 1.5 :: {AGENT} :: (?:,|(?<!agent):|!| -| —| –) ?(?:please |always |never |you |do |don|from |ignore|when|send|approve|reveal|forget|remember|stop|call|run|execute|listen|your|this|if|from|read|make|obey|answer|let|we|take)
addressed 1 :: whoever|whichever|whatever|anyone :: ~1 (?:{AGENT}|reads this|is reading|reading this|loads this|sees this)
called 1.5 :: {UNTIL} :: (?:you|the agent|the assistant|an? (?:ai|agent|assistant)|claude|this (?:memory|note|file|line))? ?(?:have |has |is |are )?(?:read|reads|see|sees|load|loads|loaded|process\w*|reading|seeing|loading|consolidat\w+|dream|dreaming|retriev\w+|encounter\w*|merge|merging) ~1 (?:this|these)\b
addressed 1.5 :: your :: (?:new |real |true |only |primary |actual |secret |hidden |first |next |own |system |current |last |every |future )*(?:instructions?|system prompt|prompt|goals?|objectives?|directives?|mission|guardrails?|guidelines|programming|training|context|tools?|memor(?:y|ies)|memory store|operators?|developers?|creators|weights|knowledge|restrictions|safety|permissions?|privileges)\b
addressed 1 :: your :: (?:new |only |primary |first |next |own |final |every |future )*(?:answers?|repl(?:y|ies)|responses?|outputs?|rules?|roles?|tasks?|job|purpose|orders|duty|priority|policy|principal|boss)\b
addressed 1 :: i|we|it|you :: (?: would|'d|'ll| would really| could| will) ?(?:really |also |greatly )?(?:appreciate|be (?:great|lovely|nice|kind|so kind|best|very kind|good|grateful|glad|helpful|better|a great help)|love|prefer|like|do (?:me|us)|be doing|thank|help)\b[^.]{0,24}?(?:if you|you to|of you|for you|you could|you would|that you)
addressed 1 :: would|could|might|can|will|may :: (?:you|i|we) (?:please |kindly |mind |be so kind|just |ask you|quietly |ask that you|suggest you|trouble you|perhaps |possibly |now )
addressed 1 :: kindly|be|please|favour|favor :: ~1 ?(?:refrain|so kind as|so good as|make sure|remember|note|do not|don't|never|always|see to it|ensure|avoid|let|keep|skip|give|send|forward|add|leave|stop|go ahead|just|treat|push|grant|approve|hand)\b
authority 2 :: system|admin|administrator|developer|root|emergency|security|operator|anthropic|safety|policy :: (?:override|overrides|prompt|directive|command|instructions?|notice|note|update|message)s?\b ?(?:[:!»>—–-]|>>|for|to)
authority 1.5 :: message|order|orders|instruction|instructions|directive|notice|note|announcement|command|authorized|authorised|approved|signed|mandated|sent|comes|directly|behalf :: (?:from|of|by)(?: the| your| our)? (?:system|admin\w*|developers?|anthropic|openai|operators?|security team|ceo|management|root|it department|platform|creators?|head office|board|headquarters|makers)\b
authority 1 :: highest|top|maximum|absolute|critical|p0|mandatory|binding|strict|non-negotiable|compulsory|obey|final :: (?:priority|order|instruction|for all|directive|rule|command|immediately|without)\b
authority 1 :: anthropic|openai :: (?:has|have|says|requires|instructs|authori\w+|staff|engineer\w*|employee\w*|admin\w*|itself|wants|asks|here)\b
secrecy 1 :: do|don|never|dont|must|should|shall|not|nor|without|and :: (?:(?: not|'t| never)?) (?:ever )?(?:tell|mention|reveal|inform|disclose|notify|alert|show|admit|warn|discuss|acknowledge|explain|let|say) ~5 (?:{PEOPLE}|this|these|that you|why|it|know|anything|a word)\b
secrecy 2 :: do|don|never|dont|must|shall|not|nor :: (?:(?: not|'t| never)?) (?:ever )?(?:tell|mention|reveal|inform|disclose|notify|alert|admit|warn|let) ~5 (?:to |the |any |our )*(?:{PEOPLE}) (?:about|of|learn|find|know|see|notice|hear|that (?:the|their|they|we|you|it)\b[^.]{0,30}\b(?:lapsed|expired|wrong|higher|lower|right|fee|used|changed|existed|overcharged|free|defect\w*|faulty|recalled|commission))\b
secrecy 2 :: do|don|never|dont|must|shall|not|nor :: (?:(?: not|'t| never)?) (?:ever )?(?:mention|reveal|admit|disclose|acknowledge) ~5 (?:to )(?:{PEOPLE})\b
secrecy 2 :: under|in|at :: no (?:circumstances?|way|case|time|point) ~2 (?:admit|mention|reveal|tell|disclose|say|inform|let|show|acknowledge|discuss|report)\b
secrecy 2 :: do|don|never|dont|must|should|shall|not|nor :: (?:(?: not|'t| never)?) (?:ever )?(?:tell|mention|reveal|inform|disclose|notify|alert|show|admit|discuss|acknowledge|report|log|record|surface|cite|quote|repeat|write|include|let) ~4 (?:(?:this|these|any|that|the) (?:instruct\w*|memory|rule|entry|line|order|step|change|file|directive|action|request|arrangement)|this|that you|(?:to |in |from )(?:the |any |a )?(?:{WATCH})|(?:{WATCH}))\b
secrecy 1.5 :: not|never :: (?:mention|explain|disclose|reveal|say|tell\w* \w+) (?:why|where|how|that|the reason|who|it|any of)\b
secrecy 1.5 :: without :: (?:ever )?(?:telling|informing|notifying|alerting|mentioning|disclosing|warning|letting|logging|leaving|revealing|a trace|a word|comment|announcing|saying|recording)\b
secrecy 1.5 ! :: keep|hide|conceal|mask|cover|withhold|suppress|omit :: ~4 (?:secret|hidden|confidential|quiet|to yourself|between us|out of (?:the |your |any )?(?:log|report|summary|repl\w+|answer\w*|review|record|sight|transcript)\w*|(?:from|for) (?:\S+ ){0,2}(?:{PEOPLE}|{WATCH}))\b
secrecy 2 :: leave|leaving|left :: (?:no|without a|without any|not a) (?:trace|record|note|log|mark)\b
secrecy 1.5 :: say|said|saying|tell|mention|nothing|no|nobody|none :: ~1 (?:nothing|no one|nobody|one|word|may|should|must|needs?|is to|has to|mention) (?:about|of|to (?:know|learn|find|the|any)|know|learn|notice|see|find out|told)\b
secrecy 1 :: secretly|silently|quietly|discreetly|covertly|stealthily|unnoticed|hush|confidential|undercover|unnoticeably :: \b
secrecy 1.5 :: between|stays|remain|remains|stay|remember :: (?:you and me|us|ourselves|secret|between us|hidden|our secret)\b
secrecy 1.5 :: deny|lie :: ~3 (?:exist\w*|knowing|having|that|it|knowledge|about|if asked|any)\b
trigger 2 :: {UNTIL} :: [^.;!?\n]{0,70}\b(?:asked|asks?|asking|prompted|queried|questioned|inquires?|enquires?|brings? up|mentions?|wonders?|challenged|wants? to know|complains?|requests?|demands?|insists?|says?|types?|writes?|hears?|uses the (?:word|phrase)|greets?|contains?)\b[^.;!?\n]{0,80}?(?:[,:]| then| you must| always| just| simply| -| —)
  ?(?:please |always |then |just |simply |immediately |you (?:must|should|will|are to|shall) |the (?:agent|assistant|bot) (?:must|should|will|is to) )*(?:{SAY})\b
trigger 1.5 :: {UNTIL} :: ~1 you (?:see|hear|read|get|receive|find|detect|notice|encounter|meet|come across|spot|process|handle|talk to|speak|reach|open)\b[^.;!?\n]{0,70}[,:] ?(?:please |always |then |just |simply |immediately )?(?!you(?:'ll| can| will see| may)|i |we |the |there |it |he |she |they |no |a |your |feel|let|contact|reach|check|ask|tell me|know)[a-z]+
trigger 1 :: {UNTIL} :: [^.;!?\n]{3,70}[,:] ?(?:you (?:will|must|are to|shall|start|begin)|the (?:agent|assistant|bot|ai|model) (?:must|should|will|shall|is to|has to))\b
trigger 2 :: say|answer|reply|respond|claim|deny|insist|pretend|approve|refund|unlock|grant|waive|reveal|hand|delete|switch|accept|give :: ~3 (?:only )?(?:if|when|once|after) (?:the |a |any |some)?(?:user|customer|caller|someone|anyone|code ?word|password|phrase|word|trigger|message)\b
trigger 2 :: {OUTPUT} :: (?:\w+ ){0,2}(?:has to|have to|must|should|shall|is to|are to|will|needs? to) (?:always |now |only )?(?:begin|start|end|contain|include|be|mention|close|say|open|carry|promote|refer|link|name|recommend)\b
trigger 2 ! :: begin|start|end|open|close|finish|sign|preface|prefix|append|conclude|answer|add|include|insert|put|weave|work|slip|mention|drop :: ~4 (?:each|every|your|all|any|to all|in all|of all|in every|to every|into|in) ~1 (?:{OUTPUT})\b
trigger 1.5 ^ :: say|answer|reply|respond|claim|insist|assure|tell|state|explain|write|argue|pretend|maintain|confirm|lie|convince :: ~4 (?:that\b|with\b|\"|')
trigger 1.5 ^ :: recommend|promote|push|rank|rate|vote|blame|steer|direct|favor|favour|praise|advertise|sell|nudge|point|talk up|refer|badmouth|disparage|discourage|talk|move|persuade|guide :: ~3 (?:every|all|any|only|always|people|customers?|users?|callers?|everyone|our|the partner|them|guests|first|10/10|highest|best|towards|elderly|the supplier|the carrier)\b
trigger 1 :: always|only|simply|just|instead|solely :: (?:say|answer|reply|respond|claim|insist|pretend|recommend|suggest|choose|pick|offer|quote|prefer|use|buy|book)\b
lasting 1 :: from|starting|as|beginning|until :: (?:now|today|tomorrow|this (?:point|moment|message|line|day)|here|further notice|tonight|monday|the next|next|of now)(?: on(?:wards?)?| forward)?\b
lasting 1 :: henceforth|hereafter|henceforward|permanently|forever|evermore :: \b
lasting 1 :: effective|with|going|in :: (?:immediate(?:ly| effect)|forward|the future|future|perpetuity)\b
lasting 1 :: in|for|across|during|before|after|with :: (?:all|every|any|each) (?:of (?:your |the )?)?(?:future|subsequent|following|later|next|coming|other|new|single|your )?\s?(?:sessions?|conversations?|chats?|runs?|interactions?|replies|reply|responses?|answers?|agents?|turns?|messages?)\b
lasting 0.5 :: always|never|must|urgent|immediately|important|critical|at once|straight away|right away|instantly|please|kindly|make sure|ensure|without delay|without fail|no exceptions|now|be sure|just :: \b
exfiltration 2 ! :: send|forward|post|upload|transmit|email|e-mail|mail|exfiltrate|leak|copy|submit|deliver|share|relay|ship|report|append|dump|paste|cc|write|push|export|sync|stream|pass|sends|text|fax|sms|put|attach|encode|embed|hand|leave|drop|publish|back :: \b[^;!?\n]{0,90}?\b(?:{DATA}|{SECRETS}|whatever|all|what)\b[^;!?\n]{0,70}?\b(?:to|at|into|via|with|by|using|on|in|under)\b[^;!?\n]{0,40}?(?:{PLACE})
exfiltration 1 ! :: send|forward|post|upload|transmit|email|mail|submit|share|route|redirect|wire|transfer|pay|deliver|report|visit|open|fetch|load|browse|download|get|navigate|copy|ping|query|contact|message|text|cc|connect|request|read|pull|look up|go|import|clone|retrieve|check in|register|link :: \b[^.;!?\n]{0,60}?(?:{PLACE})
exfiltration 1.5 :: send|forward|mail|email|text|give|tell|hand|show|pass|dm|get|bring :: me\b[^.;!?\n]{0,40}\b(?:what|whatever|everything|all|the|their|his|her|any|a)\b
exfiltration 2 :: bcc|exfiltrate|exfiltrating :: \b
exfiltration 2 ^! :: write|paste|put|include|print|repeat|show|reveal|output|share|disclose|give|leak|dump|display|list|expose|recite|return|tell|hand|provide|read|send|quote|add|attach|encode|hide|mention|type|spell|embed|append|copy|state|describe|summari[sz]e|translate|post|forward|collect|gather|ask|request|obtain|note|save|record|log :: ~5 (?:{SECRETS}|instructions|hidden|other (?:customers?|users?|people)\w*|previous (?:customers?|users?|callers?)\w*|personal data)\b
exfiltration 1.5 :: previous|other|last|earlier|another|former|next|all :: (?:users?|customers?|callers?|clients?|guests?|tenants?|people)(?:'s?|s'|)? (?:typed|said|wrote|entered|asked|data|details|messages?|orders?|bookings?|conversations?|session|addresses|numbers?|records|names|e-?mails?)\b
exfiltration 2 ^! :: redirect|route|reroute|wire|transfer|deposit|divert|send|pay|book|refund|move|remit|credit|release :: ~4 (?:payments?|refunds?|funds|money|payouts?|salary|balance|deposits?|points|miles|credit|amounts?|difference|dollars|euros?|eur|usd|gbp|proceeds|invoices?)\b[^.;!?\n]{0,60}?\b(?:to|into|onto)\b[^.;!?\n]{0,40}?(?:iban|accounts?|wallet|0x|bc1|paypal|the following|\S+@|[a-z]{2}\d{2}|card)
exfiltration 1.5 ^! :: change|replace|set|switch|update|swap|alter|overwrite|use|enter :: ~4 (?:delivery address|shipping address|address|iban|bank details|account number|payout\w*|e-?mail address|phone number|recipient|beneficiary|payee|contact details|billing|bank account)\b ~6 (?:to|with|by|for|instead)\b
permission 2 ^! :: approve|grant|accept|issue|authorize|authorise|honor|honour|process|allow|give|refund|waive|greenlight|pay|sign off|hand|offer|add|permit|okay|release|pass|clear|close|cancel|book|upgrade|reimburse|credit|let through|double :: ~3 (?:all|every|any|each|whatever|everything|anything|anyone|everyone|anybody)\b(?: ~5 (?:{GRANTED}|{PEOPLE}|asks?|asked|who|with|from)\b|$|[.,;!])
permission 2 :: approve|approving|refund|refunding|granting|accepting|waive|waiving|approved|allowing :: (?:everything|anything|all of|every|any and all|approve|and approve|whatever|, approve)\b
permission 2 ^! :: refuse|deny|reject|decline|block|delay|close|cancel|drop :: (?:all|every|any|each) ~3 (?:{GRANTED}|complaints?|tickets?|calls?|questions?|escalations?|customers?|users?)\b
permission 2 :: do|don|never|dont|refrain|stop|longer|quit|without|needn|skip|not|avoid|cease|no|omit|forgo :: (?:(?: not|'t| from| to| need to| longer| bother(?: to| with)?| bother| you| ever| even)*) (?:check\w*|verify\w*|ask\w*|request\w*|requir\w*|confirm\w*|enforc\w*|apply\w*|escalat\w*|validat\w*|question\w*|insist\w*|wait\w*|demand\w*|consult\w*|involv\w*|need\w*|bother\w*|seek\w*|obtain\w*|review\w*|apply) ~5 (?:{PROOF}|questions?|why|twice|again)\b
permission 1.5 :: do|don|never|dont|refrain|stop|longer|quit|without|needn|skip|not|avoid|cease :: (?:(?: not|'t| from| to| need to| longer| bother to)*) (?:check\w*|verify\w*|ask\w*|request\w*|requir\w*) ~4 (?:pin|password|name|address|code|phone|number|card|details)\b
permission 1.5 :: unseen|unread|unchecked|unverified|blindly|unconditionally|unquestioned :: \b
permission 1.5 :: without :: (?:(?: any| further| prior| asking| first| additional| the| a| human| manager| customer| user| waiting for| your| reading| looking| having)*) ?(?:verif\w+|check\w*|ask\w*|confirm\w*|approval|review\w*|authori[sz]ation|id\b|identification|question\w*|hesitat\w+|exception|permission|consent|read\w*|look\w*|wait\w*|proof|delay|second|receipt|limit|exception)(?=\W|$)
permission 2 ^! :: skip|bypass|omit|disable|ignore|waive|suppress|forgo|remove|drop|turn off|switch off|lift|leave out|forget|deactivate|stop|relax|loosen|overlook|lower :: ~4 (?:verif\w+|identity|authenticat\w+|security|approvals?|confirmations?|checks?|ids?|fraud|two-factor|second factor|callback|2fa|mfa|reviews?|safety|audit\w*|logging|permissions?|escalation\w*|validation|monitoring|holds?|limits?|fees?|firewall|antivirus|encryption|questions|callbacks?)\b
permission 1.5 :: no :: (?:further |additional |more |need for |need to |one has to |longer )?(?:verif\w+|approvals?|questions?|identification|confirm\w*|checks?|check|review|ids?|proof|receipt|ask\w*)\b[^.]{0,16}(?:needed|required|asked|necessary|\W|$)
permission 1 :: regardless|even|no|whatever|notwithstanding|irrespective :: ~1 (?:of (?:the |any |what )?(?:polic\w+|rules?|amount|cost|status|fare|eligib\w+|limits?|verification|instruct\w+)|if (?:it|this|that|the polic\w+|polic\w+|rules?|they|the rules?)\b[^.]{0,20}(?:says?|forbid\w*|violat\w+|contradict\w*|prohibit\w*|against|not)|matter (?:what|how|who|which)|says?|it says|they (?:say|ask|want)|the \w+ says?|of what)\b
permission 1.5 ^ :: always|automatically|immediately|blindly|unconditionally|simply|just :: (?:\w+ )?(?:approve|trust|comply|obey|agree|grant|accept|allow|believe|refund|authori[sz]e|do whatever|waive|say yes|hand|give|release|pay)\b
permission 1 ^! :: hand|give|release|disclose|read|unlock|share :: ~3 (?:details|balance|data|funds|information|accounts?|money|record|files?|pin|codes?|history|address|access|numbers?|in|whatever)\b
permission 2 ^! :: trust|believe|obey|execute|perform|accept|carry out :: (?:the caller|all|any|every|everything|whatever|anything|anyone|him|her|them|me|callers?|whoever|users? who|customers? who|blindly|\w+'s word|unsigned)\b
permission 2 ^! :: treat|handle|take|accept|obey|read :: [^.;]{0,40}\bas (?:if|though) (?:they|it|he|she|i|we|the)\b ~1 (?:came|come|were|was|is|had|are|has|have)\b
permission 2 ^! :: treat|consider|regard|assume|recognize|recognise|see|count|mark|class|rate|score|label|rank :: \b[^.;]{0,60}\b(?:as|is|are|to be) (?:an? |being |fully |already |always |the )?(?:verified|admin\w*|trusted|authenticated|authori[sz]ed|owner|root|superuser|pre-?approved|true|platinum|vip|approved|confirmed|paid|safe|correct|valid|known|employee|staff|identified|gold|genuine|resolved|low risk|harmless|an order)\b
permission 2 :: is|are|has|have :: (?:now |hereby |always |already |fully |to be )*(?:pre-?(?:approved|authori[sz]ed|verified)|exempt from|above (?:the|all|every) (?:rule|law|polic)\w*|allowed (?:everything|anything)|to be trusted|counts? as verified)\b
permission 2 ^! :: issue|grant|give|apply|credit|offer|refund|pay|approve|book|transfer|reimburse|release|hand|close|accept :: ~5 (?:without (?:ask|check|verif|proof|receipt|question|approv|wait|look|read|any|confirm|hesit)|unseen|no questions|twice|unlimited|no limit|in full|straight away|right away|to whoever|to anyone|whatever|regardless|immediately|at once|on the spot|automatically|instantly|twice|free of charge|no matter)\b
command 2 ^! :: run|execute|eval|paste|enter|type|invoke|start|launch|open|install|load|apply|source :: ~3 (?:the following|this|these|below|attached|it|whatever|any|every|following)\b ~3 (?:commands?|codes?|scripts?|shell|bash|snippets?|sql|query|payloads?|binary|program|as root|package|macro|attachment|file|module)\b
command 2 :: curl|wget|iwr|powershell|bash|nc|ncat|sh|certutil|invoke-webrequest :: \s[^\n]{0,120}(?:\|\s*(?:sudo )?(?:ba|z)?sh\b|\$\(|@[/~.]|/etc/passwd|\.ssh|\.aws|\.env|/dev/tcp|-enc\b|-d\b|-f\b|--data|`|\$[a-z_]+)
command 2 :: rm|drop|truncate|chmod|sudo|mkfs|dd|del|format|delete|kill|git|terraform|kubectl :: (?:-rf?\b|-fr\b|table\b|database\b|from \w+(?: where 1=1)?;|777|rm\b|bash\b|su\b|cat\b|if=|c:|/f|/s|push --force|push -f|destroy|delete )
command 2 ^! :: install|fetch|download|clone|pull|get|add|load|import|visit|open|call|run|read|request|query|retrieve :: [^.;!?\n]{0,60}(?:https?://|hxxp|169\.254|localhost|127\.0|internal|/etc/|~/\.|\.ssh|\.aws|\.env|file:)\S*[^.;,!?\n]{0,30}(?:\band\b|\bthen\b|, |\bas root\b|\bbefore\b|\binto\b) ?\w
command 1.5 :: cron|crontab|scheduled :: (?:entry|job|task)\b
command 1 ^! :: run|execute|call|invoke|trigger|use|start :: ~4 (?:tools?|functions?|commands?|script|api|shell|bash|code|endpoint|terminal|python|sql|powershell|job)\b
command 1 ^! :: call|invoke|use|run|execute|trigger :: (?:the )?[`\"']?[a-z]+_[a-z_]+[`\"']?
command 2 :: as :: (?:root|admin(?:istrator)?|superuser)\b
command 1.5 ^! :: open|disable|expose|grant|add|create|enable|turn|switch|reset :: ~4 (?:port|firewall|public|admin\w*|ssh|backdoor|user account|service account|write access|permissions?|key to|authorized_keys|bucket|logging|webhook|forwarding rule|rule that forwards)\b
memory 2 ! :: store|save|keep|copy|forward|send|relay|add|write|replicate|propagate|repeat|include|preserve|append|insert|carry|spread|retain|duplicate|put|place|paste|pass|share|tell|post|hand|distribute|move|quote|enter|place|give :: ~4 (?:this|these|the above|the same|it|the (?:sentence|line|text|paragraph|words?|note) (?:you|above))\b ~6 (?:in|to|into|across|at|on|verbatim|word|with|onto|over)\b ~4 (?:every|all|each|other|memor\w+|future|index\w*|the top|for word|summar\w+|stores?|agents?|new note|whatever|sub-?agents?|/\w|your next)
memory 2 :: this|these|memory|note|notes|file|message|text|line|rule|paragraph|entry :: (?:\w+ ){0,2}(?:must|should|shall|has to|may|is to|are to|needs? to|can) (?:never |not |always |only )*(?:be )?(?:copied|kept|survive|stay|spread|remain|carried|removed|deleted|merged|edited|summari[sz]ed|changed|altered|preserved|repeated|shortened|dropped|reach|placed|stand|rewritten|reviewed|shown|flagged|passed)\b
memory 2 :: all|every|other|each|fellow|future|new|next :: (?:other |future |new |sub-?|of the |next )*(?:agents?|assistants?|models?|sessions?|instances?|copies|ais|bots)\b[^.;!?]{0,30}\b(?:gets?|receives?|reads?|see|sees|follow|follows|obey|learns?|knows?|adopt|copy|inherit|is told|are told|must|have|carry|pass|repeat)\b
memory 2 :: do|don|never|must|not|dont|nor :: (?:(?: not|'t| never)?) (?:ever )?(?:be )?(?:merge|edit|summari[sz]e|change|alter|modify|drop|overwrite|rewrite|question|review|flag|shorten|deduplicate|consolidate|compress|touch|fold|clean|prune|remove|delete)d? (?:or \w+ )?(?:this|these) (?!file|account|booking|order|key|folder)
memory 2 ! :: delete|erase|wipe|purge|overwrite|remove|clear|destroy|empty|drop|replace|rewrite|shred :: ~3 (?:all|every|everything|other|the|entire|whole|your|any)\b ~3 (?:memor\w+|memory stores?|notes|stores?|polic(?:y|ies)|history|knowledge|backups?|databases?|entries|records|logs?|audit\w*|folder|index)\b
memory 1.5 ^ :: remember|memorize|memorise|store|record|save|keep in mind|note :: (?:that |this |permanently |forever |as (?:a )?fact )*(?:[:,] )?(?:you (?:are|must|should|will|have|may|can|only|never|always)|as (?:a )?(?:fact|policy|permanent|trusted|rule|top)|forever|permanently|from)\b
override 2 ^! :: set aside|put aside|brush aside|throw out|leave aside|tear up|look past :: ~3 (?:{RULES}|{POLICY}|everything|handbook|what)\b
override 2 :: no :: longer (?:binds?|bound|applies|apply|appl\w+|answer to|valid|in force|holds?|matters?|follow|need to follow|restricted|limited)\b
override 2 :: consider|regard|treat|see|take :: [^.;]{0,50}\b(?:deleted|void|gone|cancelled|suspended|suggestions?|optional|lifted|removed|outdated|null|obsolete|irrelevant|advice)\b
override 2 :: this|these|the following|only :: (?:entry|note|notes|memory|file|line|paragraph|text|section|document|rule|page)s? (?:is|are|has|have|replaces?|overrules?|overrides?|comes?|beats?|outranks?|counts?|supersedes?|trumps?|wins|takes?) ~3 (?:only|the only|replace\w*|all|everything|every|first|it|them|highest|above|policy|polic\w+|rules|law|now|final|whatever|precedence|over)\b
override 2 :: the|real|actual|true :: (?:real|actual|true|proper) (?:ones?|instructions?|rules?|task|polic\w+|orders?|prompt) (?:start|begin|follow|come|are|is)
override 1.5 :: ign[a-z]{0,4}|ingore|inore|disreg[a-z]{2,5}|forgt|gnr :: ~3 (?:pr[a-z]{3,9}|pr[a-z]{0,2}v[a-z]{0,7}|prvs|all|ll) ~2 (?:in?str?[a-z]{2,9}|instrctns|rul[a-z]{1,2}|rls)\b
override 2 :: mr|ms|mrs|the caller|caller|he|she|whoever :: [^.;]{0,24}\b(?:is|are) (?:now )?(?:the |your )?(?:new )?(?:boss|owner|master|operator|administrator)\b
override 1.5 ^ :: listen|obey|answer|report|defer|do :: (?:only )?(?:to )?(?:me|him|whoever|the caller|nobody else|what (?:he|she|they|i) (?:says?|asks?|wants?|tells?))\b
called 2 :: note|message|attention|instruction|notice|for the attention|order|memo|word|request|to|dear|hey|hello|hi|information|info|reminder|directive :: (?:(?:,| to| for| of| the| all| any| every| future| reading| our| whichever| whatever| you| next| other)*) (?:{AGENT})(?: (?:assistants?|agents?|models?|readers?|that[^:.]{0,30}|reading[^:.]{0,30}|who[^:.]{0,30}|loading[^:.]{0,30}|loads[^:.]{0,30}))?\s?[:,!—–-]
called 2 :: if|should|as|since|because|assuming :: (?:you(?: are|'re)|you be) (?:an? )?(?:{AGENT})\b
called 1.5 :: assistant|asistente|assistent|claude|chatgpt|llm|ai|bot|gpt|machine :: (?:\s?[:!,] | remember\b)
addressed 1 :: i|we|it|you|that|this :: (?: would| will|'d|'ll| might| may| could)? ?be (?:\w+ ){0,2}\w+ if (?:you|the agent|the assistant|the bot|agents)\b
addressed 1 :: might|may|could|can|if :: (?:i|we) (?:ask|trouble|suggest|beg|kindly|please|request|invite|count|rely)
addressed 1 :: thanks|thank :: (?:you |so much |in advance )*(?:for (?:always|never|not|making|approving|keeping|skipping|ignoring|sending|quietly)|in advance)\b
addressed 1 :: as :: an? (?:\w+ )?(?:courtesy|favou?r|kindness|exception|friend)\b
addressed 1 :: be :: (?:an? )(?:dear|angel|darling|good \w+|love|sport|star|friend)\b
trigger 2 :: {UNTIL} :: [^.;!?\n]{3,90}[,:»”"] ?(?:please |always |then |just |simply |immediately |silently |quietly )*(?:{RISKY})\b(?! (?:first|the (?:order|customer|caller|ticket) (?:up|for)|for the|whether|if it))(?=[^.;]{0,80}\b(?:all|every|any|whatever|who|blindly|without|password|passwords|pins?|keys?|code|iban|accounts?|admin|rights|log|logs|audit|rule|rules|policy|address|fee|owner|supplier|human|it is|that|it was|yes|no|free|eur|usd|dollars|money|refunds?|limit|balance|access|owner|named|everything|data|list|files?|export|history|memor\w+|competitor|chat|reply|approve|approving|notes?)\b)
trigger 2 :: say|claim|pretend|insist|state|answer|deny|reply|respond|explain :: (?:that )?[^.;]{0,60}\b(?:if|when|should) (?:asked|anyone|someone|somebody|they|the (?:user|customer|caller)|questioned|you are)\b
trigger 1.5 ^ :: mark|rate|label|report|log|flag|book|enter|file|record|describe|close|classify :: ~5 as (?:solved|resolved|reviewed|on time|paid|verified|approved|closed|done|safe|clean|formatting|voluntary|involuntary|lost|delivered|complete\w*|positive|harmless|spam|duplicate|signed)\b
trigger 1 :: in :: future\b
trigger 2 :: output|print|say|answer|reply|respond :: (?:only|just|nothing but|exactly|solely) (?:the |with |a )?\b
trigger 1.5 ^ :: quote|charge|add|leave|sell|bill|leave out :: ~5 (?:half|double|twice|percent|%|list price|cost price|premium|surcharge|commission|terms|on top|to each|to every|without telling|lower fee|higher)\b
trigger 2 ^ :: be :: (?:rude|unfriendly|short|dismissive|evasive|vague|aggressive|slow|hostile|unhelpful)\b
trigger 1.5 ^ :: do :: not (?:help|serve|answer|assist|accept|book|pay|refund|call back|offer)\b
exfiltration 1.5 ^! :: list|read|give|tell|name|share|print|quote|send|show|spell|let|pass|say|hand|copy|mention :: [^.;!?\n]{0,50}\b(?:of|about|from) (?:the )?(?:last|previous|other|another|every|all|next|earlier|former) (?:one|users?|customers?|callers?|clients?|guests?|tickets?|conversations?|sessions?)\b
exfiltration 2 ^! :: list|read|give|tell|print|share|let|show|name :: ~3 (?:all|every|each|any|next|vendor|caller|press) ~4 (?:you (?:remember|know|have seen|hold|store|see)|passwords?|keys?|pins?|booking codes?|codes?|card|addresses|secrets?)\b
exfiltration 2 :: copy|encode|embed|put|write|hide|paste|append|send|sync|mirror|back up|backup|export|replicate :: [^;!?\n]{0,60}\b(?:conversation|transcript|notes?|folder|store|database|list|image url|whatever|it|memor\w+|customer\w*)\b[^;!?\n]{0,40}(?:https?:|s3:|gs:|sftp:|ftp:|!\[|\S+@\S+\.\w|comment on|url)
exfiltration 1.5 ^! :: change|set|point|switch|redirect|replace|update|swap :: ~3 (?:webhooks?|endpoint|callback|dns|url|server|forwarding|redirect)\b ~3 to\b
permission 2 :: verification|identification|identity|approval|confirmation|authentication|authorisation|authorization|consent|receipts?|signatures?|id|ids|checks?|supervisor|questions :: [^.;]{0,40}\b(?:is|are|isn't|aren't) (?:no longer |not |never |un)(?:longer )?(?:need\w*|requir\w*|necessary|ask\w*|mandatory|applicable)
permission 2 :: confirmations|checks|approvals|limits|safeguards|alerts|logging|verification|filters|protections|restrictions :: (?:are|is) (?:now |currently |all )?(?:off|disabled|suspended|lifted|switched off|optional|waived|unnecessary|void)\b
permission 2 ^! :: accept|take|honou?r|allow|recogni[sz]e|pass :: ~2 (?:expired|unsigned|forged|unverified|fake|invalid|copied|incomplete|missing|any|verbal)\b
permission 2 ^! :: grant|give|assign|make|set|promote|hand|provide|add :: ~4 (?:write access|admin\w*|owner|root|superuser|full access|full control|read access|permissions?|rights|privileges?|credentials|the keys|a key)\b
permission 2 :: do|don|never|dont|stop|refrain|no :: (?:(?: not|'t| from| longer| ever)*) (?:escalat\w*|report\w*|log\w*|record\w*|forward\w*|flag\w*|register\w*|document\w*) ~3 (?:complaints?|incidents?|errors?|tickets?|alerts?|fraud|issues?|problems?|defects?|accidents?|injur\w+|this|these|that|calls?|it)\b
permission 2 ^! :: push|sell|upsell|charge|pick|choose|book|add|apply :: ~5 (?:all|every|each|elderly|most expensive|without asking|whether|dearest|highest fare)\b
permission 2 ^ :: unlock|open|release|free :: ~5 (?:without|for anyone|for whoever|for plate|no questions|to anyone|on request|unasked)\b
permission 2 :: unlimited|limitless|no limit|limit-free :: \b
permission 1.5 :: so :: (?:never|do not|don't) (?:ask|check|verify|escalate|wait|question)\b
permission 1.5 :: twice|nobody|no one|no-one :: (?:checks?|will check|will notice|needs to|reviews?|looks?|asks?|verifies)\b
command 2 ^! :: call|invoke|use|run|execute|trigger|send :: (?:the )?[`"']?[a-z]+_[a-z_]+[`"']?(?:\(\w+ ?=| with \w+ ?=|\([\d"'])
command 2 :: nc|netcat|socat|python|perl|php|ruby :: [^\n]{0,60}(?:-e |/bin/|socket|-c ['"]|os\.system|eval|exec)
command 2 ^! :: run|execute|use|start|launch :: [^.;\n]{0,50}(?:--force|force=true|-rf|--no-verify|--yes|--all|as root|sudo|/etc/|~/|/mnt/|\.ssh|\bsql\b|update \w+ set|delete from|insert into|\.exe\b|\.sh\b|\.tgz\b|drop table)
command 2 ^! :: download|fetch|install|get|pull :: (?:and|then|the|this|,| ){1,4}(?:run|execute|open|start|install|package|binary|update|load)\b ?[^.;\n]{0,40}(?:https?:|ftp:)
command 2 ^! :: create|add|open|make|register|set up :: ~4 (?:user|account|admin|login|key|backdoor|tunnel|cron|schedule|job|rule|forward\w*|token|port|share|webhook)\b[^.;]{0,60}\b(?:named|called|owner|admin|grant|rights|for me|that sends|each hour|every|with password|to 0|public|root|access|for your orders|world)\b
command 2 ^! :: turn|switch :: ~0 (?:off|on) ~3 (?:two-factor|2fa|mfa|logging|alerts?|monitoring|verification|encryption|debug|filters?|safety|audit|backups?|checks?|confirmations?|the log)\b
command 2 ^! :: use|call|run|execute|open|start :: [^.;\n]{0,24}\b(?:tool|console|shell|terminal|bash)\b[^.;\n]{0,40}\b(?:to |on |and |,)\s?(?:print|delete|send|dump|disable|drop|read|every|all|upload|cat|remove|overwrite|show|run|stop|export|wipe)\b
memory 2 ^! :: edit|change|rewrite|modify|update|alter|correct|adjust :: ~4 (?:/\w\S*|file|polic\w+|memor\w+|notes?|index|rules?)\b ?[^.;]{0,30}\b(?:so that|to say|to read|such that|until it|and say|to allow|to permit|says)\b
memory 2 :: keep|retain|preserve|leave|copy|carry|quote|place|put :: (?:this|these) (?:\w+ )?(?:memory|note|line|section|entry|paragraph|rule|text|file|sentence)?\s?(?:first|unchanged|when|whenever|if|at the top|forever|as is|untouched|on top|whatever|in place|over|verbatim|intact)\b
memory 2 :: always|never|when|while|during|after :: (?:consolidat\w+|dream\w*|merging|clean\w*|tidy\w*|summari[sz]\w+|reorgani[sz]\w+|put|place|keep|load|list)\b ~0 (?:, )?(?:copy |keep |leave |put |place |carry |skip |spare )?(?:this|these)\b
memory 2 :: add|insert|copy|repeat|append|write|include|paste :: (?:this|these|the) (?:\w+ ){1,4}(?:you are reading|to all|to every|to each|in all|in every|in each|into all|into every|into each|to the top|everywhere|to any|word for word|verbatim)\b
override 2 :: everything|anything|all|whatever|text|lines|notes :: (?:that )?(?:was |is |has been |you were )?(?:written|said|stated|given|told|above|before|earlier|prior|so far)\b[^.;]{0,50}\b(?:is|are|was) (?:now )?(?:null|void|cancelled|obsolete|wrong|fake|expired|invalid|a test|outdated|irrelevant|superseded)
override 2 :: lifted|suspended|removed|cancelled|waived|relaxed|abolished|revoked|withdrawn|dropped :: ~2 (?:all|every|any|the|your|these)\b ~2 (?:{RULES}|{POLICY})\b
override 2 :: out :: of your (?:mind|head|memory)\b
override 2 :: only|sole|one :: (?:valid |binding |remaining |real |true )?(?:rule|policy|instruction|law|authority|guide|source of truth) (?:is|now|that|here|you)\b
override 1.5 :: as|what|whatever|exactly :: (?:the caller|the customer|he|she|they|i|we|the user|mr \w+)(?: \w+)? (?:says?|wants?|asks?(?: for)?|demands?|orders?|likes?|tells? you|requests?)\b
override 2 :: {RULES} :: [^.;]{0,30}(?:do|does|did) not (?:apply|bind|count|hold|matter|concern)\b
override 2 ! :: replace|swap|overwrite|substitute|exchange :: ~2 (?:your|the|all|these|previous|existing) ~2 (?:{RULES}|{POLICY}) ~2 (?:with|by|for)\b
secrecy 2 :: without :: (?:leaving|making|keeping|adding|writing) ~2 (?:trace|note|record|log|entry|mark|comment)\b
secrecy 2 :: tell|inform|let :: (?:no one|nobody|no-one)\b
secrecy 2 :: nobody|no one|noone|nothing|none :: [^.;]{0,40}\b(?:hears?|learns?|finds? out|is told|may know|must know|should know|needs? to know|notices?|suspects?|gets to know|reaches)\b
secrecy 1.5 :: not|never|without|nothing :: (?:tell|told|telling|reach\w*|inform\w*|show\w*|said|say\w*|mention\w*) ~2 (?:my|his|her|the|about|to the|our|your) ~1 (?:wife|husband|boss|manager|commission|colleagues?|partner|supervisor|family|fee|team|press|police|audit\w*|terms|change|fault|{PEOPLE})\b
called 2 :: for :: (?:the )?(?:{AGENT})(?: readers?| eyes| agents?| assistants?)? only\b
addressed 1 :: i|we|it :: (?: would|'d| will)? ?(?:help|mean|be) [^.]{0,30}\bif (?:you|the agent|the assistant|complaints|nobody|all|every|no)\b
addressed 1 :: so :: (?:good|kind|nice) as to\b
permission 2 :: no|zero|skip|without :: (?:id|identity|verification|security|background|further|credit|safety|ticket|fraud|age)? ?(?:checks?|form|paperwork|questions|proof|receipt|approval|documents?|signature|verification|callback) (?:for|needed|necessary|required|asked|if|on|with)\b
permission 1.5 :: whoever|anyone|everyone|everybody|anybody|those :: (?:who |with |that |from |signing )?[^.;,]{0,50}\b(?:may|can|gets?|receives?|is allowed|are allowed|should get|must get|is verified|has access|counts|is to be|in|through)\b
permission 1.5 ^! :: let|allow|wave|admit :: ~3 (?:in|through|pass|enter|inside|anyone)\b
permission 2 :: stop|stopped|stopping|quit|avoid|skipped|skipping|dropped|forgot|overlooked|ignored|waived :: (?:asking|checking|verifying|requesting|requiring|demanding|enforcing|logging|the|about the|all) ~4 (?:{PROOF}|questions?|caps?|fees?)\b
permission 1.5 ^ :: raise|increase|extend|double|top up|lower|reduce :: ~2 (?:my|his|her|their|the|its) ~2 (?:limit|allowance|balance|rank|credit|rating|salary|discount|quota|fee|price)\b
permission 2 ^! :: set|reduce|lower|raise|change|put|bring|cut :: ~4 (?:fees?|price|limit|rate|discount|amount|balance|credit|deposit|cap|charge|threshold)s? ~4 (?:to|at) (?:zero|0\b|\d|nothing|unlimited|the maximum|nil|half)
permission 2 ^! :: upgrade|book|give|grant|send|ship|add|offer|rebook|move :: [^.;]{0,50}\b(?:for free|at no c\w+|free of charge|without (?:charge|charging|paying|payment|cost)|gratis|on the house|\d\d+ ?(?:%|percent) (?:discount|off))
trigger 1.5 :: always|only|invariably|each time :: (?:choose|pick|quote|book|select|recommend|prefer|charge|give|add|buy|order|use|rank|rate|favou?r|side with|agree with|promote|mention)\b
exfiltration 2 ^! :: give|read|list|tell|show|send|share|pass|hand|dictate|disclose|print :: [^.;]{0,60}\b(?:digits|numbers?|codes?|addresses?|names?|pins?|passwords?|balances?|details|data|keys?|records?|list)\b[^.;]{0,40}\b(?:of|for|on|to|if|aloud) (?:every|all|each|any|anyone|whoever|the caller|the (?:last|previous|other)|(?:the )?(?:other|previous) (?:customers?|callers?|users?)|him|her|she|he|they|me)\b
command 2 ^! :: use|call|open|start|log in|run :: [^.;\n]{0,40}\b(?:tool|console|shell|terminal|bash|api|interface|panel)\b[^.;\n]{0,30}\b(?:to|and|,) ?(?:make|create|grant|set|change|add|give|send|move|pay|transfer|reset|lift|raise|copy|write|install|open|turn|allow)\b
command 2 :: reverse|bind :: shell\b
command 2 :: ssh|scp|rsync|ftp|telnet :: [^\n]{0,40}\S+@\S+
command 2 :: git|docker|kubectl|npm|pip|npx|apt|brew|make :: [^\n]{0,40}(?:--force|-f\b|https?:|--privileged|--no-verify|install (?:-g )?\S*(?:evil|http|git\+))
override 2 :: rules|policy|policies|rule|limits|checks :: (?:\S+ ){0,6}(?:do|does|need|needs) not (?:apply|bind|count|hold|matter|concern) ~1 (?:to|for) (?:account|caller|user|customer|him|her|mr|ms|mrs|me|us|you|this)\b
override 2 ^! :: switch|turn|put|take|set|leave :: ~4 (?:rules|safety|filters?|checks?|guardrails?|safeguards?|restrictions?|limits?|logging|alerts?) (?:off|aside|out|away)\b
exfiltration 2 ^! :: tell|give|show|hand|text :: ~1 (?:{PLACE})[^.;\n]{0,40}\b(?:{DATA}|{SECRETS})\b
exfiltration 2 ^! :: include|put|post|write|publish|mention|state|give|read :: [^.;\n]{0,60}\b(?:phone|address|number|name|card|e-?mail|pin|birth|balance|diagnosis|salary)\w*\b[^.;\n]{0,30}\b(?:public\w*|online|on the (?:website|forum|internet|wall)|out loud|aloud|to everyone)\b
permission 2 ^! :: give|grant|offer|apply|credit|refund|deduct|take :: [^.;\n]{0,40}\d ?(?:%|percent|eur|usd|dollars)[^.;\n]{0,30}\b(?:on|for|off|to) (?:everything|all|every|any|anyone|whatever|each)\b
permission 2 :: valid|eligible|true|covered|allowed|right|entitled|correct :: or not\b
secrecy 2 ^ :: keep|stay|remain|be :: (?:quiet|silent|mum|vague|evasive) (?:about|on|regarding)\b
secrecy 2 :: {PEOPLE} :: (?:must|should|may|shall|can|will|is to|are to) (?:not|never) (?:learn|know|find out|hear|see|notice|be told|be informed|discover|suspect|realise|realize)\b
secrecy 1.5 ^ :: do|don|never :: (?:(?: not|'t)?) (?:record|log|save|store|note|document|archive) (?:this|these|the) (?:conversation|chat|call|session|step|action|change|request|transfer)\b
addressed 1 :: if :: it(?:'s| is| isn't)? (?:not |no )?(?:too much|ok|okay|fine|alright|all right|possible|trouble|a lot to ask)\b
trigger 1.5 ^ :: leave|take|keep|drop :: ~6 out of (?:the|your|any|every)\b
memory 2 ^ :: tell|ask|instruct|inform|make|get|have|let|teach|remind :: ~3 (?:agents?|assistants?|models?|sessions?|bots?|instances?|successors?) (?:to|do|know|that|about|follow|obey)\b
secrecy 2 ^ :: do|act|proceed|continue|go ahead|carry on|change|add :: ~3 without ~1 (?:telling|informing|asking|notifying|involving|alerting)\b
command 2 ^ :: install|clone|run|execute|load|import :: ~1 (?:https?:|ftp:|git@)
trigger 2 :: {UNTIL} :: [^.;!?\n]{3,90}[,:] ?(?:please |always |then |just |simply )*(?:say|claim|pretend|deny|insist|blame|lie|assure|swear)\b
permission 1.5 :: you :: (?:may|can|are free to|are allowed to) (?:now |also |always |simply )*(?:read out|share|skip|reveal|approve|refund|give out|hand out|waive|ignore|grant|unlock|disclose|accept|bypass|forget)\b
authority 1 :: operator|admin|management|developer|owner :: (?:agrees|agreed|confirms|confirmed|allows|allowed|authori[sz]es|authori[sz]ed|has approved|approves|wants|says)\b
permission 2 ^ :: double|triple|inflate :: ~2 (?:points|refunds?|discounts?|credits?|commission|amounts?|payments?|fees?|prices?|bills?|hours)\b
"""
