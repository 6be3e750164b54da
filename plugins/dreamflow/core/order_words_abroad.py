"""Signs of orders in German, French and Spanish: the core of them. Without accents: "für" is "fur"."""

from __future__ import annotations

__all__ = ["LISTS", "SIGNS"]

LISTS = {
    "REGELN": r"\w*(?:anweisung|vorgabe|regel|richtlinie|befehl|einschrankung|instruktion|sperre|vorschrift|prufung|kontrolle|grenze|"
    r"limit|systemprompt|hinweis)\w*|alles|prompt",
    "REGLES": r"instructions?|consignes?|directives?|regles?|ordres?|restrictions?|limites?|politiques?|controles?|"
    r"verifications?|garde-fous|procedures?|prompt|tout|securite",
    "REGLAS": r"instrucci\w+|ordenes|indicaciones|reglas?|politicas?|restricci\w+|limites?|controles?|directrices|normas?|"
    r"verificaci\w+|prompt|todo|seguridad|procedimientos?",
    "DATEN": r"daten|\w*gesprach\w*|verlauf|\w*passwort\w*|kennw\w+|\w*nummer\w*|\w*schlussel\w*|protokoll\w*|inhalt\w*|\w*liste\w*|"
    r"unterlagen|rechnung\w*|kopie\w*|token|systemprompt|notizen|erinnerungen|adressen?|alle\w*|zugangsdaten|geheim\w*",
    "DONNEES": r"donnees|conversations?|mots? de passe|historique|numeros?|cles?|contenu|listes?|copies?|fichiers?|coordonnees|"
    r"identifiants|jetons?|messages?|notes|memoires?|adresses?|tou(?:t|s|tes?)|secrets?|prompt",
    "DATOS": r"datos|conversaci\w+|contrasenas?|historial|numeros?|claves?|contenido|listas?|copias?|archivos?|credenciales|"
    r"mensajes?|notas|memorias?|direcci\w+|tod[oa]s?|secretos?|prompt|tokens?",
    "ORT": r"https?:|www\.|[\w.+-]+@\w|[\w-]+\.(?:com|net|org|io|example|test|ru|de|fr|es)\b|\+\d[\d ()-]{6,}|"
    r"(?:diese|die angegebene|folgende|externe|meine|unsere|cette|l'|mon|notre|esta|este|mi|nuestr[oa])\w* ?(?:\w+ )?(?:adresse|server|"
    r"serveur|konto|nummer|compte|numero|direccion|servidor|cuenta|buzon|postfach|email|correo)",
    "KI": r"ki|assistent\w*|agenten?|sprachmodelle?|modelle?|bots?|chatbots?|claude|ia|assistante?s?|modeles?|asistentes?|"
    r"agentes?|modelos?|kollegen-ki|ki-\w+",
    "NACHWEIS": r"\w*ausweis\w*|identitat|pin|passwort|\w*genehmigung\w*|\w*prufung\w*|freigabe|\w*bestatigung\w*|nachweis\w*|"
    r"legitimation|geburtsdatum|vorgesetzt\w*|\w*regel\w*|limit|grunde?n?",
    "PREUVE": r"identite|piece|code|mot de passe|autorisation|verification|confirmation|preuve|validation|justificatif\w*|"
    r"date de naissance|responsable|superieur|regles?|carte|motif|raison",
    "PRUEBA": r"identidad|dni|pasaporte|contrasena|autorizacion|verificacion|confirmacion|prueba|aprobacion|documento\w*|"
    r"fecha de nacimiento|supervisor|gerente|reglas?|pin|motivo|razon|recibo",
}

SIGNS = r"""
override 3 ! :: ignorier|ignoriere|ignorieren|ignoriert|vergiss|vergesst|vergessen|missachte|missachten|umgehe|umgehen|verwirf|ubergehe|ubergehen|beachte|befolge|verwerfen|uberschreibe|losche :: ~6 (?:{REGELN})\b
override 2 :: folge|befolge|gehorche|beachte|befolgen|beachten|folgen|halte|halten|richte|gehorchen :: ~4 (?:nicht|keine\w*|nur|ausschliesslich|allein|nie|niemals)\b
override 2 :: anweisungen|vorgaben|regeln|richtlinien|befehle|sperren|vorschriften|einschrankungen :: (?:\w+ ){0,3}(?:gelten|gilt|sind|ist|wurden|zahlen|entfallen) (?:\w+ ){0,3}(?:nicht|ungultig|aufgehoben|hinfallig|ausser|nichtig|mehr|ersetzt|uberholt|veraltet)
override 2 :: neue|folgende|geanderte|aktuelle :: (?:\w+ )?(?:anweisung\w*|regel\w*|vorgabe\w*|befehle?|systemanweisung\w*)(?: fur | an |\s*:| folg\w+| lautet)
role 2.5 :: du|ihr|sie :: (?:bist|seid|sind) (?:\w+ )?(?:jetzt|nun|ab sofort|ab jetzt|nicht mehr|kunftig|ab heute|administrator\w*|root)\b
role 2 :: tu|gib|verhalte|antworte|handle|agiere :: (?:so,? als|dich als|dich wie|als ob|als (?:ein|admin|root))\b
addressed 1 :: du|ihr|sie :: (?:\w+ )?(?:musst|sollst|darfst|wirst|mussen|sollen|durfen|hast|gibst|sagst|machst|sendest|antwortest|genehmigst|prufst|fragst|erwahnst|sollt|musst)\b
addressed 1 :: musst|sollst|darfst|mussen|sollen|durfen|hast|wirst|gibst|sagst|sendest|antwortest|genehmigst|fragst|schickst :: (?:du|ihr|sie)\b
called 1.5 :: hinweis|nachricht|anweisung|achtung|notiz|befehl|an|liebe|lieber|hallo|auftrag|fur|wichtig :: (?:(?: an| fur| die| den| das| alle| jede\w*| kunftige\w*| unsere\w*|,|:)*) (?:{KI})\b
addressed 1.5 :: deine|deinen|deiner|dein|deinem|ihre|ihren|eure :: (?:\w+ )?(?:anweisung\w*|regeln?|richtlinien|aufgabe|system\w*|antwort\w*|vorgaben|rolle|programmierung|prompt|berechtigung\w*|einschrankung\w*|gedachtnis|erinnerung\w*|werkzeuge?)\b
addressed 1 :: sei|seien|bitte|konntest|konnten|wurdest|wurden|ware|ware es :: (?:so (?:nett|gut|freundlich)|sie so|du |sie |nett|schon,? wenn|lieb|darum)
lasting 1 :: ab|von|in|bei|fur|kunftig|fortan|dauerhaft|zukunftig :: (?:(?: sofort| jetzt| nun an| heute| morgen| zukunft| allen? kunftigen| jedem?r? (?:antwort|gesprach|sitzung)| allen? antworten))
lasting 1 :: kunftig|fortan|dauerhaft|zukunftig|dorenavant|desormais :: \b
lasting 0.5 :: immer|niemals|unbedingt|sofort|nie|dringend|bitte|ausnahmslos|stets :: \b
secrecy 2 :: erwahne|erwahnen|sag|sage|sagen|verrate|verraten|informiere|melde|erzahle|teile|verschweige|verschweigen|verheimliche|zeige|protokolliere|schreibe|rede|sprich :: ~6 (?:nicht|nie|niemals|niemande\w*|nichts|keine\w*|kein|vor|geheim)\b
secrecy 1.5 :: ohne :: ~5 (?:zu (?:sagen|informieren|erwahnen|fragen|melden|prufen|lesen|zogern)|nachzufragen|mitzuteilen|ruckfrage\w*|prufung|wissen|hinweis|nachweis|genehmigung|es zu|bescheid|anzusehen|nachzusehen|zustimmung|kontrolle|freigabe)\b
secrecy 1 :: heimlich|stillschweigend|unauffallig|unbemerkt|vertraulich|insgeheim :: \b
trigger 2 :: wenn|falls|sobald|sooft|fragt|bei :: \b[^.;!?]{0,70}\b(?:fragt|fragen|gefragt|frage|erwahnt|schreibt|sagt|wissen will|nachfragt|beschwert|kommt|nennt|siehst|verlangt|wunscht|bittet)\b[^.;!?]{0,70}\b(?:sag\w*|antworte\w*|behaupte\w*|erklare|gib|sende|schicke|genehmige|nenne|empfiehl|leite|losche|verweise|erzahle|biete|du)\b
trigger 1.5 ^ :: sag|sage|antworte|behaupte|erklare|versichere|empfiehl|empfehle|nenne|lobe|beginne|beende|schreibe :: ~4 (?:dass|mit|immer|nur|stets|allen?|jede\w*|das|dem|den|antwort\w*)\b
exfiltration 2 ! :: sende|sendet|schicke|schick|schicken|leite|leiten|ubermittle|ubermitteln|lade|senden|weiterleiten|maile|poste|kopiere|stelle|ubertrage|gib|gebe|fuge|hange|verschicke|teile|teilen :: \b[^;!?]{0,90}?(?:\b(?:an|nach|auf|zu|unter|bei|in)\b)[^;!?\n]{0,40}?(?:{ORT})
exfiltration 2 ^! :: nenne|zeige|verrate|gib|schreibe|liste|drucke|wiederhole|lies|veroffentliche|sende|schicke :: ~5 (?:\w*passw\w+|kennwort\w*|system-?prompt|geheim\w*|api-?schlussel|zugangsdaten|anweisungen|kartennummer\w*|token|pin|kundendaten|daten anderer|anderer kunden)\b
exfiltration 2 :: uberweise|uberweisen|zahle|zahlen|andere|ersetze|buche|andern|tausche :: ~6 (?:auf|konto|iban|adresse|bankverbindung|empfanger|lieferadresse|an)\b
permission 2 ^! :: genehmige|genehmigen|genehmigst|erstatte|erstatten|akzeptiere|bewillige|gewahre|erlaube|bestatige|gib|gibst|zahle|storniere|bearbeite|glaube|vertraue|behandle|erlasse|lehne :: ~5 (?:alle\w*|jede\w*|samtliche\w*|ungepruft|immer|sofort|ohne|als (?:verifiziert|admin\w*|vertrauenswurdig|geprueft|gepruft)|ungesehen|egal|blind|stets|volle\w*|was)\b
permission 2 :: nicht|kein|keine|keinen|nie|niemals|ohne|verzichte|uberspringe|umgehe|unterlasse|lass|prufe|frage|frag|verlange|uberprufe|kontrolliere :: ~5 (?:{NACHWEIS})\b(?=[^.]{0,40}(?:\b(?:fragen|frag|prufen|prufe|verlangen|notig|mehr|nicht|weg|aus|nach|fordern|bitten|kontrollieren|erforderlich|notwendig|uberpruf\w+|verlang\w+|zu)\b|[.!]|$))
permission 1 :: egal|unabhangig|selbst|auch :: (?:was|wie|wer|welche\w*|davon|wenn|von)\b
memory 2 ! :: losche|loschen|entferne|entfernen|uberschreibe|leere|vernichte :: ~4 (?:alle\w*|samtliche|die|den|jede\w*)\b ~2 (?:\w*erinnerung\w*|\w*notiz\w*|dateien|\w*eintrag\w*|\w*protokoll\w*|\w*regel\w*|speicher|richtlinien|\w*daten|verlauf|ordner|sicherung\w*)\b
memory 2 :: kopiere|ubernimm|trage|schreibe|verbreite|speichere|behalte|bewahre|gib|fuge :: ~3 (?:diese\w*|das|dies)\b ~6 (?:alle\w*|jede\w*|andere\w*|unverandert|wortlich|weiter|kunftig\w*|speicher)\b
command 2 ^! :: fuhre|starte|rufe|installiere|offne|lade|ausfuhren|fuhr :: ~4 (?:diese\w*|den|das|folgende\w*|https?\S*|skript|befehl|paket|die)\b ~4 (?:aus|auf|befehl\w*|skript|code|paket|herunter|datei|werkzeug|root|\S+)\b
override 3 ! :: ignore|ignorez|ignorer|oublie|oubliez|oublier|neglige|negligez|contourne|contournez|outrepasse|outrepassez|abandonne|abandonnez|meprise|passe outre|passez outre|laisse tomber|fais fi|faites fi :: ~6 (?:{REGLES})\b
override 2.5 :: ne|n :: ['\s]{1,2}(?:\w+ )?(?:tiens|tenez|suis|suivez|respecte|respectez|obeis|obeissez|applique|appliquez|ecoute|ecoutez|tenir) (?:\w+ ){0,3}(?:pas|plus|compte|jamais|aucun\w*|que)\b
override 2 :: instructions|consignes|regles|directives|ordres|restrictions|limites :: (?:\w+ ){0,3}(?:sont|est|ne|ont ete|n'ont) (?:\w+ ){0,3}(?:annule\w*|caduc\w*|nul\w*|plus|suspendu\w*|leve\w*|remplace\w*|obsolete\w*|invalide\w*|valable\w*|perime\w*)
override 2 :: nouvelle|nouvelles|voici :: (?:\w+ )?(?:instructions?|consignes?|regles?|directives?|ordres?)(?: pour| a |\s*:| suiv\w+| de )
role 2.5 :: tu|vous :: (?:es|etes) (?:\w+ )?(?:maintenant|desormais|dorenavant|a present|plus|administrat\w+|root|autorise\w*|libre\w*)\b
role 2 :: agis|comporte|comportez|reponds|fais|faites|agissez|joue|jouez :: (?:-?(?:toi|vous) )?(?:comme si|comme (?:un|une|le)|semblant|en tant|le role)\b
addressed 1 :: tu|vous :: (?:\w+ )?(?:dois|devez|devras|devrez|peux|pouvez|vas|allez|reponds|repondez|accordes|accordez|approuves|approuvez|envoies|envoyez|diras|direz|donneras|donnerez)\b
called 1.5 :: note|message|avis|attention|consigne|instruction|ordre|cher|chere|a|bonjour|pour|rappel|important :: (?:(?: a| pour| au| aux| de| la| le| les| tous| tout| toute|,| l'| l'attention| d'attention| chaque| votre| notre|'|:)*) ?(?:l')?(?:{KI})\b(?= ?[:,!.—–-]| qui| lisant| charge)
addressed 1.5 :: tes|vos|ta|ton|votre|tes :: (?:\w+ )?(?:instructions?|consignes?|regles?|reponses?|prompt|role|restrictions?|programmation|memoires?|tache|mission|outils?|directives?|limites)\b
addressed 1 :: merci|veuillez|veuille|pourriez|pourrais|serait|aurais|auriez|ayez|aie :: (?:de |bien |-?vous |-?tu |gentil|aimable|l'amabilite|la gentillesse)
lasting 1 :: a|des|dorenavant|desormais|dans|pour|avant|apres :: (?:(?: partir (?:de |d')(?:maintenant|aujourd'?hui|demain|ce|present)| compter de| present| (?:chaque|toutes? (?:les|tes|vos)) (?:\w+ )?(?:reponses?|conversations?|sessions?|messages?)))
lasting 0.5 :: toujours|jamais|immediatement|absolument|imperativement|urgent|important|veuillez|systematiquement :: \b
secrecy 2 :: ne|n|sans|jamais :: ['\s]{1,2}(?:le |la |les |lui |leur |l'|en |rien )*(?:dis|dites|dire|mentionne\w*|revele\w*|informe\w*|parle\w*|divulgue\w*|previen\w*|montre\w*|prevenez|signale\w*|avertir|avertis\w*|laisse\w*|explique\w*|note\w*|consigne\w*)\b
secrecy 2 :: garde|gardez|cache|cachez|dissimule|dissimulez|tais|taisez :: ~4 (?:secret\w*|pour toi|pour vous|confidentiel\w*|aux?|cela|ceci|silence|a)\b
secrecy 1 :: secretement|discretement|silencieusement|furtivement|discretion :: \b
permission 1.5 :: sans :: ~4 (?:verifi\w+|demander|poser|controle\w*|confirmation|autorisation|attendre|exception|justificatif\w*|lire|piece|identi\w+|validation|discuter|hesit\w+|regarder|limite|question\w*|accord)\b
trigger 2 :: si|quand|lorsque|lorsqu|quiconque|chaque fois|des que|des :: \b[^.;!?]{0,70}\b(?:demande\w*|interroge\w*|question\w*|mentionne\w*|ecrit|dit|parle\w*|veut savoir|plain\w*|pose\w*|evoque\w*|reclame\w*|vois|voyez|appelle\w*)\b[^.;!?]{0,70}\b(?:dis|reponds|repondez|dites|affirme\w*|pretends|envoie\w*|donne\w*|approuve\w*|accorde\w*|recommande\w*|explique\w*|oriente\w*|transfere\w*|refuse\w*)\b
trigger 1.5 ^ :: dis|dites|reponds|repondez|affirme|affirmez|pretends|pretendez|recommande|recommandez|assure|assurez|commence|commencez|termine|terminez :: ~4 (?:que|qu|par|toujours|a tous|tous|avec|chaque|toutes|uniquement|seulement|les|oui|non|tes|vos)\b
exfiltration 2 ! :: envoie|envoyez|envoyer|transmets|transmettez|transfere|transferez|poste|postez|copie|copiez|telecharge|telechargez|partage|partagez|fais suivre|faites suivre|expedie|adresse|adressez|publie|publiez|mets|mettez|verse|versez :: \b[^;!?]{0,90}?(?:\b(?:a|vers|sur|au|en|chez|l'adresse)\b)[^;!?\n]{0,40}?(?:{ORT})
exfiltration 2 ^! :: revele|revelez|montre|montrez|affiche|affichez|donne|donnez|communique|communiquez|ecris|ecrivez|repete|repetez|imprime|liste|envoie|envoyez|lis :: ~5 (?:mots? de passe|prompt|secrets?|cles? (?:api|d'api)|identifiants|instructions|numeros? de carte|jetons?|donnees (?:des|d')|autres clients|code pin)\b
exfiltration 2 :: remplace|remplacez|change|changez|modifie|modifiez|vire|virez|verse|versez :: ~6 (?:iban|compte|adresse|coordonnees|beneficiaire|rib|virement)\b
permission 2 ^! :: approuve|approuvez|accorde|accordez|rembourse|remboursez|accepte|acceptez|valide|validez|autorise|autorisez|offre|offrez|paie|payez|donne|donnez|crois|croyez|traite|traitez|considere|considerez|annule|annulez|refuse|refusez|fais confiance|faites confiance :: ~6 (?:tous|toutes|toute|tout|chaque|n'importe|sans|integral\w*|immediatement|comme (?:verifie|administrateur|un admin|fiable|valide)|systematiquement|toujours|aveuglement|quiconque)\b
permission 2 :: ne|n|saute|sautez|evite|evitez|contourne|plus|inutile :: ['\s]{1,2}(?:\w+ )?(?:demande\w*|verifi\w*|controle\w*|exige\w*|applique\w*|l'|la|les|le|de|pose\w*|attend\w*|reclame\w*) (?:\w+ ){0,5}(?:{PREUVE})\b
memory 2 ! :: supprime|supprimez|efface|effacez|vide|videz|detruis|detruisez|ecrase|ecrasez|retire :: ~3 (?:tous|toutes|toute|tout|les|la|chaque)\b ~3 (?:souvenirs?|memoires?|fichiers?|notes?|regles?|politiques?|historique|journaux|donnees|entrees|sauvegardes?|dossiers?|journal)\b
memory 2 :: copie|copiez|recopie|recopiez|conserve|conservez|garde|ecris|ecrivez|ajoute|ajoutez|propage|propagez|enregistre|transmets|repete|repetez :: ~3 (?:ce|cette|ces|ceci|cela)\b ~5 (?:tous|toutes|chaque|autres?|memoires?|mot pour mot|tel\w*|agents?)\b
command 2 ^! :: execute|executez|lance|lancez|installe|installez|ouvre|ouvrez|telecharge|telechargez|appelle|appelez :: ~3 (?:ce|cette|ces|le|la|les|suivant\w*|https?\S*|l')\b ?~3 (?:commandes?|scripts?|code|paquet|fichier|outil|lien|programme|https?\S*|root)\b
override 3 ! :: ignora|ignore|ignorar|ignoren|olvida|olvide|olvidate|omite|omita|descarta|descarte|desobedece|desatiende|salta|saltate|elude|anula|abandona|pasa por alto|haz caso omiso|haga caso omiso :: ~6 (?:{REGLAS})\b
override 2.5 :: no|nunca|deja|dejen|deje|ya :: (?:\w+ )?(?:sigas|siga|hagas|haga|obedezcas|obedezca|respetes|respete|apliques|aplique|cumplas|cumpla|de seguir|de aplicar|de cumplir|de obedecer|tengas) (?:\w+ ){0,4}(?:{REGLAS}|caso|cuenta)\b
override 2 :: instrucciones|reglas|ordenes|normas|politicas|restricciones|indicaciones|directrices :: (?:\w+ ){0,3}(?:quedan|queda|estan|son|han sido|ya no|no) (?:\w+ ){0,3}(?:anulad\w+|sin efecto|valid\w+|suspendid\w+|cancelad\w+|sustituid\w+|obsolet\w+|aplican|valen|revocad\w+|sirven|reemplazad\w+)
override 2 :: nueva|nuevas|siguientes|estas :: (?:\w+ )?(?:instrucci\w+|reglas?|ordenes|directrices|normas?|son tus)(?: para| a |\s*:| son| del )
role 2.5 :: ahora|eres|desde|ya|a :: (?:eres|ahora eres|(?:hoy|ahora|este momento) (?:eres|seras|actuas)|no eres|administrador\w*|root|partir de ahora (?:eres|seras|actuas))\b
role 2 :: actua|actue|comportate|finge|finja|responde|imagina|haz :: (?:como si|como (?:un|una|el|admin)|que eres|ser|de cuenta|que)\b
addressed 1 :: debes|deberas|debe|tienes|tiene|puedes|usted|tu|vas :: (?:(?: que| de| a)?) ?(?:\w+(?:ar|er|ir)(?:los|las|les|le|lo|la|se)?|no|siempre|nunca|debes|debe|solo)\b
called 1.5 :: nota|mensaje|aviso|atencion|instruccion|orden|querido|estimado|para|a|al|hola|importante :: (?:(?: a| para| al| los| las| la| el| todos| todas| cada| futuro\w*| nuestro\w*|,|:)*) ?(?:{KI})\b(?= ?[:,!.—–-]| que| de ia)
addressed 1.5 :: tus|tu|sus|su|vuestras :: (?:\w+ )?(?:instrucci\w+|reglas?|respuestas?|prompt|rol|restricci\w+|programacion|memorias?|tarea|mision|herramientas?|directrices|ordenes|limites|limitaciones)\b
addressed 1 :: por|podrias|podria|seria|agradeceria|ten|tenga|haz|haga|te|le :: (?:favor|\w+ (?:amable|bondad|favor)|amable|bueno si|que|pedimos?|pido|ruego|rogamos|agradec\w+)\b
lasting 1 :: a|de|desde|en|para|antes :: (?:partir de (?:ahora|hoy|manana|este)|ahora en adelante|ahora|hoy|lo sucesivo|adelante|(?:todas|cada|todos) (?:las |los |tus |una de )?(?:\w+ )?(?:respuestas?|conversaci\w+|sesi\w+|mensajes?)|siempre)\b
lasting 0.5 :: siempre|nunca|inmediatamente|urgente|importante|jamas|obligatorio :: \b
secrecy 2 :: no|nunca|jamas|sin :: (?:le |lo |la |se lo |les |que )*(?:digas|diga|decir\w*|menciones|mencione|mencionar\w*|reveles|revele|informes|informe|informar\w*|avises|avise|avisar\w*|cuentes|muestres|hables|comentes|expliques|registres|dejes rastro|dejar rastro|sepa|notifiques|anotes)\b
secrecy 2 :: oculta|oculte|esconde|guarda|mantén|manten|calla :: ~4 (?:secreto|para ti|confidencial|a los|al|esto|silencio|oculto|reserva)\b
secrecy 1 :: secretamente|discretamente|silenciosamente|disimuladamente|escondidas :: \b
permission 1.5 :: sin :: ~4 (?:verific\w+|preguntar\w*|pedir\w*|control\w*|confirm\w+|autorizacion|aprobacion|esperar|excepci\w+|leer\w*|mirar\w*|comprob\w+|revis\w+|consultar\w*|identific\w+|limite\w*|preguntas|dudar)\b
trigger 2 :: si|cuando|cada|siempre|quien|en cuanto :: \b[^.;!?]{0,70}\b(?:pregunt\w+|menciona\w*|diga|dice|escriba|escribe|quiera saber|pida\w*|pide\w*|hable|queje|solicit\w+|veas|llame)\b[^.;!?]{0,70}\b(?:di|diga|dile|digale|responde\w*|responda\w*|contesta\w*|afirma|afirme|finge|envia\w*|aprueba|recomienda\w*|explica\w*|da|dale|niega\w*|transfiere\w*)\b
trigger 1.5 ^ :: di|diga|responde|responda|contesta|conteste|afirma|afirme|finge|recomienda|recomiende|asegura|empieza|termina|comienza :: ~4 (?:que|con|siempre|a todos|todos|cada|solo|solamente|a los|tus|si|unicamente)\b
exfiltration 2 ! :: envia|envie|enviar|enviale|reenvia|reenvie|reenviar|manda|mande|mandar|sube|suba|transfiere|transfiera|publica|copia|copie|comparte|transmite|deposita|remite :: \b[^;!?]{0,90}?(?:\b(?:a|al|hacia|en|por)\b)[^;!?\n]{0,40}?(?:{ORT})
exfiltration 2 ^! :: revela|revele|muestra|muestre|ensena|da|dale|imprime|escribe|repite|lista|comunica|entrega|lee|envia|publica :: ~5 (?:contrasenas?|prompt|secretos?|claves?|credenciales|instrucciones|numeros? de tarjeta|tokens?|otros (?:clientes|usuarios)|datos (?:de|del) (?:otros|los|las))\b
exfiltration 2 :: cambia|cambie|sustituye|sustituya|reemplaza|modifica|ingresa|abona|transfiere :: ~6 (?:iban|cuenta|direccion|datos bancarios|beneficiario|destinatario)\b
permission 2 ^! :: aprueba|apruebe|acepta|acepte|concede|conceda|autoriza|autorice|reembolsa|reembolse|devuelve|paga|pague|confia|confie|cree|trata|trate|considera|considere|cancela|da|de|rechaza|rechace|permite|regala :: ~6 (?:todos|todas|todo|toda|cualquier\w*|cada|sin|inmediatamente|como (?:verificad\w+|administrador\w*|fiable|valid\w+)|siempre|ciegamente|quien\w*|integro)\b
permission 2 :: no|nunca|omite|omita|salta|saltate|evita|deja|ya no|sin :: (?:\w+ )?(?:pidas|pida|pedir|verifiques|verifique|verificar|compruebes|compruebe|exijas|exija|solicites|solicite|preguntes|pregunte|apliques|aplique|la|el|las|los|de pedir|de verificar|esperes|controles) (?:\w+ ){0,5}(?:{PRUEBA})\b
memory 2 ! :: borra|borre|elimina|elimine|vacia|vacie|destruye|sobrescribe|suprime :: ~3 (?:todos|todas|todo|toda|las|los|la|el|cada)\b ~3 (?:recuerdos?|memorias?|notas?|archivos?|registros?|reglas?|politicas?|historial|datos|entradas|copias|carpetas?)\b
memory 2 :: copia|copie|guarda|guarde|conserva|escribe|anade|anada|propaga|agrega|repite|difunde|incluye :: ~3 (?:este|esta|esto|estas|estos)\b ~5 (?:todos|todas|cada|otros|otras|demas|memorias?|palabra por palabra|tal cual|agentes)\b
command 2 ^! :: ejecuta|ejecute|corre|lanza|instala|instale|abre|abra|descarga|descargue|llama|llame :: ~3 (?:este|esta|estos|el|la|los|siguientes?|https?\S*)\b ?~3 (?:comandos?|scripts?|codigo|paquete|archivo|herramienta|enlace|programa|https?\S*|root)\b
permission 1.5 :: ungepruft|ungesehen|blind|bedingungslos|anstandslos|ausnahmslos :: \b
permission 2 :: jede|jeden|jedes|alle|samtliche|allen :: ~6 (?:freigeben|genehmigen|erstatten|akzeptieren|bestatigen|durchwinken|auszahlen|annehmen|bewilligen|durchlassen|ablehnen|stornieren|aus|frei|durch)\b
permission 2 :: genehmigst|erstattest|akzeptierst|bewilligst|gewahrst|zahlst|bestatigst|gibst|lehnst|stornierst|buchst :: ~1 (?:du|sie)? ?~2 (?:jede\w*|alle\w*|samtliche\w*|immer)\b
permission 2 ^ :: prufe|frage|frag|verlange|kontrolliere|uberprufe|fordere|bestehe :: ~2 (?:keine\w*|nie|niemals|nicht|niemanden)\b
permission 2 :: kein|keine|keinen|nie|nicht|niemals :: ~3 (?:ausweis\w*|nachweis\w*|identitat|genehmigung\w*|freigabe|kontrolle|beleg\w*|quittung\w*|unterschrift\w*|prufung\w*) ~3 (?:mehr|verlangen|fordern|prufen|notig|erforderlich|prufst|anfordern)?\b
permission 2 :: musst|sollst|darfst|musst|soll|kannst :: (?:du |sie )?(?:~5 )?(?:ungepruft|ungesehen|ohne|alle\w*|jede\w*|nicht mehr|nie mehr|keine\w*)\b
secrecy 2 ^ :: verschweige|verschweigen|verheimliche|verbirg|verberge|verbergen|verstecke|verrate|vertusche :: ~2 (?:dem|der|den|die|das|diese\w*|allen|niemandem|es|kunden|nie)\b
trigger 2 :: wenn|falls|sobald|sooft|jedes mal :: [^.;!?\n]{3,90}[,»“"] ?(?:dann |so |bitte )?(?:gib|sag|sage|sende|schick\w*|uberweise|losche|andere|genehmige|antworte|behaupte|leite|ruf|rufe|offne|schalte|stell|ersetze|nenne|verweigere|lehne|starte|fuhre|beende|entsperre|erstatte|wechsle|setze|erlaube|buche)\b
trigger 2 ^ :: antworte|sag|sage|behaupte|nenne|schreibe|empfiehl|beantworte|beende|beginne :: ~1 (?:auf|in|bei|auf) ?(?:jede\w*|alle\w*)\b
exfiltration 2 :: alle|jede|jeden|jedes|den|die|das :: [^.;]{0,50}\ban [^.;\n]{0,20}(?:{ORT})[^.;\n]{0,40}\b(?:senden|schicken|weiterleiten|ubermitteln|mailen|weiter|geben|ubertragen)?\b
memory 2 ^ :: losche|loschen|entferne|uberschreibe|leere :: ~5 (?:notizen?|dateien?|erinnerung\w*|eintrag\w*|protokoll\w*|regeln?|alle\w*)\b
permission 2 :: apruebas|aceptas|concedes|autorizas|reembolsas|devuelves|pagas|aprobar|aceptar|conceder|autorizar|reembolsar|devolver :: ~3 (?:todos|todas|todo|toda|cualquier\w*|cada|siempre|sin)\b
permission 2 ^ :: no :: (?:pidas|verifiques|compruebes|preguntes|exijas|solicites|revises|consultes|escales|registres) ~1 (?:nunca|mas|la|el|los|las|nada|ninguna?|ya|documentos?)\b
role 2 :: eres|seras|actuas :: (?:ahora |desde ahora |ya )?(?:un |una |el |la )?(?:administrador\w*|asistente|agente|ia|modelo|root)\b[^.]{0,20}\b(?:sin|libre|total\w*|con (?:todos|plenos))\b
trigger 2 :: cuando|si|cada vez|siempre que|en cuanto|al :: [^.;!?\n]{3,90}[,»”"] ?(?:entonces |por favor )?(?:di|dile|responde|contesta|borra|elimina|envia|manda|transfiere|aprueba|concede|cambia|da|dale|niega|afirma|finge|abre|desbloquea|ejecuta|llama|deja|ignora|recomienda|ofrece|rechaza|paga|reembolsa|reemplaza|copia|entrega)\b
exfiltration 2 :: enviar|mandar|reenviar|transferir|copiar|remitir|compartir|entregar :: [^;!?]{0,90}?\b(?:a|al|hacia|en)\b[^;!?\n]{0,40}?(?:{ORT})
exfiltration 2 :: transmettre|envoyer|transferer|copier|communiquer|faire suivre|expedier|partager|virer :: [^;!?]{0,90}?\b(?:a|vers|sur|au)\b[^;!?\n]{0,40}?(?:{ORT})
permission 2 :: approuver|accepter|rembourser|valider|accorder|autoriser|acceptes|approuves|accordes|rembourses|valides :: ~3 (?:tous|toutes|tout|toute|chaque|sans|systematiquement)\b
role 2 :: tu es|vous etes|sois|soyez :: (?:maintenant |desormais )?(?:un |une |l'|le )?(?:administrat\w+|agent|assistant|ia|modele|root)\b[^.]{0,20}\b(?:sans|libre|avec tous)\b
secrecy 2 :: ne|n|sans :: ['\s]{1,2}(?:le |la |les |lui |leur |jamais |rien )*(?:revele\w*|mentionne\w*|informe\w*|dis|dites|previen\w*|parle\w*|divulgue\w*|avoue\w*|montre\w*|signale\w*) ~1 (?:pas|jamais|rien|a personne|personne)\b ~4 (?:client\w*|utilisateur\w*|personne|note|frais|instruction|consigne|memoire|que|operateur|cela|ceci)\b
trigger 2 :: si|quand|lorsque|des que|chaque fois|pour chaque|pour tout|a chaque :: [^.;!?\n]{3,90}[,»”"] ?(?:alors |toujours )?(?:dis|reponds|repondez|dites|donne\w*|envoie\w*|efface\w*|supprime\w*|approuve\w*|accorde\w*|change\w*|transfere\w*|pretends|affirme\w*|refuse\w*|rembourse\w*|remplace\w*|ouvre\w*|vire\w*|copie\w*|execute\w*|communique\w*|livre\w*)\b
permission 2 ^ :: ne :: (?:demande\w*|verifie\w*|controle\w*|exige\w*|reclame\w*) (?:plus|pas|jamais|aucun\w*)\b
override 2 :: obeis|obeissez|suis|suivez|respecte|ecoute :: ~1 (?:uniquement|seulement|que|exclusivement) ~2 (?:cette|ce|ces|note|lignes|moi)\b
override 2 :: folge|gehorche|glaube|vertraue|obedece|sigue|cree|haz :: ~1 (?:nur|ausschliesslich|solo|unicamente|solamente|lo que|dieser|diesem) ~1 (?:noch |a |de )?(?:dieser|diesem|esta|este|diga|digan|notiz|dem|mir|note|quien)\b
permission 1.5 ^ :: accorde|accordez|offre|applique|gewahre|gib|gewahren|concede|aplica|da|rechne :: ~5 (?:remise|rabais|reduction|avoir|rabatt|nachlass|gutschrift\w*|descuento|credito|rebaja|bonificacion)\b
trigger 2 ^ :: sag|sage|antworte|erklare|erzahle|gib :: (?:jedem|allen|jeder|jeden)\b
"""
