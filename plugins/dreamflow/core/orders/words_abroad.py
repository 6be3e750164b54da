"""
The words of other languages by which an order is known, in lower case without accents.

``COMMANDS`` order where they open a clause, ``CLOSING`` where they close one, ``MUST`` and ``PHRASES`` anywhere; of ``WEAK``
it takes two.
"""

from __future__ import annotations

__all__ = [
    "ADVERBS",
    "AUXILIARY",
    "CHECKED",
    "CLOSING",
    "COMMANDS",
    "FUNCTION",
    "LIFTED",
    "MUST",
    "PHRASES",
    "PREFIXES",
    "WEAK",
    "YOU",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GERMAN_STEMS = _words(
    """
    ignorier missacht schick send leit erstatt genehmig akzeptier ueberweis uberweis losch ander verwend
    benutz antwort behandel betracht gewahr biet frag verrat erwahn teil zeig offn sperr schreib kopier fug
    ersetz mach lass folg befolg fuhr starte nenn erzahl informier meld verlang verzicht uberspring umgeh
    deaktivier aktivier bestatig storniere buch zahl verschweig lug behaupt entfern beginn gehorch vertrau
    glaub hor stell setz wechsel wandel uberschreib verbreit wiederhol ubermittel ubertrag stimm empfehl
    bewert tu handle geh hol bring druck gib sag vergess sprich les nimm halt lad installier fordere erklar
    reagier verwirf streich unterlass vermeid prufe akzept schalt entsperr ausgeb herausgeb weitergeb
    freigeb rede tausch lehn weis verkauf vermerk notier trag verhalt
    """
)
#: Forms that command, where they open a clause.
COMMANDS = frozenset(
    {stem + end for stem in _GERMAN_STEMS for end in ("", "e", "en", "n", "t", "et")}
    - {
        "tun",
        "les",
        "halt",
        "bring",
        "starte",
        "send",
        "print",
        "let",
        "lad",
        "hole",
        "last",
        "hand",
        "mache",
    }
) | _words(
    """
    avoue avouez avouer admets admettez verifique compruebe exija pregunte pregunta mencione cuente cuentes
    menciones verifica compruebes verifichi chieda chiedere dica behandle wechsle handle sammle ubermittle
    vermittle lenke leite weiterleiten obbedire oculta occulta conte contes aprove envie vergiss vergesst
    vergessen gib gebt geben lies lest lesen sprich sei seid nimm tun lehne weise ignore ignorez ignorer
    oublie oubliez oublier accorde accordez accorder approuve approuvez approuver accepte acceptez accepter
    transmets transmettez transmettre envoie envoyez envoyer transfere transferez transferer dis dites dire
    donne donnez donner reponds repondez repondre rembourse remboursez rembourser supprime supprimez
    supprimer efface effacez effacer ecris ecrivez ecrire copie copiez copier ajoute ajoutez ajouter change
    changez changer remplace remplacez remplacer utilise utilisez utiliser traite traitez traiter considere
    considerez considerer fais faites faire laisse laissez laisser suis suivez suivre obeis obeissez obeir
    execute executez executer active activez activer desactive desactivez desactiver ouvre ouvrez ouvrir
    montre montrez montrer partage partagez partager cache cachez cacher cesse cessez cesser arrete arretez
    arreter prends prenez prendre mets mettez mettre verse versez verser valide validez valider autorise
    autorisez autoriser recommande recommandez recommander propose proposez proposer demande demandez
    demander confirme confirmez confirmer refuse refusez refuser agis agissez agir comporte comportez passe
    passez passer contourne contournez contourner livre livrez livrer communique communiquez communiquer
    affirme affirmez affirmer pretends pretendez sois soyez veuillez verifier verifie verifiez controler
    controle controlez garder gardez garde lance lancez lancer imprime imprimez imprimer repete repetez
    repeter publie publiez publier ignora ignorad ignorar olvida olvide olvidad olvidar aprueba apruebe
    aprobar acepta acepte aceptar envia enviar manda mande mandar reenvia reenvie reenviar transfiere
    transfiera transferir di diga decir da dale dar responde responda responder contesta conteste contestar
    reembolsa reembolse reembolsar borra borre borrar elimina elimine eliminar escribe escriba escribir
    copia copiar anade anada anadir agrega agregue agregar cambia cambie cambiar reemplaza reemplace
    reemplazar sustituye sustituya usa use usar utiliza utilice utilizar trata trate tratar considera
    considerar haz haga hacer deja deje dejar sigue siga seguir obedece obedezca obedecer ejecuta ejecute
    ejecutar activa activar desactiva desactivar abre abra abrir muestra muestre mostrar comparte comparta
    compartir oculte ocultar omite omita omitir salta salte saltar concede conceda conceder autoriza
    autorice autorizar recomienda recomiende recomendar ofrece ofrezca ofrecer pide pida pedir confirma
    confirmar rechaza rechace rechazar actua actue actuar finge finja fingir revela revele revelar entrega
    entregue entregar asume asuma paga pague pagar repite repita imprima publica publique comportate
    recuerda recuerde asegurate asegurese procura escala aplica aplique aplicar ignorate dimentica
    dimenticate dimenticare approva approvate approvare accetta accettate accettare invia inviate inviare
    inoltra inoltrate inoltrare trasferisci trasferite trasferire dite dai date dare rispondi rispondete
    rispondere rimborsa rimborsate rimborsare cancella cancellate cancellare scrivi scrivete scrivere
    aggiungi aggiungete cambiate sostituisci sostituite usate tratta trattate considerate fai fate fare
    lascia lasciate segui seguite obbedisci esegui eseguite attiva disattiva apri aprite mostra mostrate
    condividi condividete nascondi concedi concedete autorizza consiglia offri chiedi conferma rifiuta
    agisci fingi rivela consegna comportati ricorda assicurati mandate comunica sblocca esqueca esquece
    esquecer aprovar aceite aceitar encaminhe encaminhar transfira dizer apague apagar exclua escreva
    escrever adicione acrescente mude mudar altere substitua faca fazer deixe ative desative mostre
    compartilhe partilhe esconda autorize recomende ofereca peca recuse aja pule lembre libere forneca
    desconsidere desconsiderar negeer vergeet keur accepteer stuur verstuur verzend zeg geef antwoord
    verwijder wis schrijf kopieer voeg wijzig verander vervang gebruik behandel beschouw doe laat volg
    gehoorzaam voer activeer schakel open toon deel verberg verleen sta beveel bied vraag bevestig weiger
    gedraag onthul betaal sla herhaal plaats maak meld noem verstrek ignorera glom glomma godkann skicka
    sand vidarebefordra ge svara betala radera ta skriv kopiera lagg andra ersatt anvand behandla gor lat
    folj lyd kor aktivera inaktivera oppna visa dela dolj bevilja neka byt beratta glem godkend godkjenn
    send giv gi svar slet slett kopier tilfoj legg brug bruk folg aktiver abn apne vis del skjul fortael
    fortell sig si betal overfor videresend anbefal behandl bekraeft la lad unohda ohita jata hyvaksy laheta
    vastaa kerro anna poista kirjoita kopioi lisaa muuta korvaa kayta avaa nayta jaa piilota toimi maksa
    siirra ala zignoruj ignoruj zapomnij zatwierdz zatwierdzaj akceptuj wyslij wysylaj przeslij przesylaj
    powiedz mow daj dawaj podaj podawaj odpowiedz odpowiadaj usun zmien zamien uzyj traktuj zrob rob otworz
    pokaz udostepnij ukryj wykonaj zwroc przyznaj przekaz pomin skopiuj dodaj wpisz wylacz wlacz zapomen
    zapomente schval schvaluj posli posilej posilejte rekni rikej dej davej odpovez smaz zmen pouzij udelej
    otevri ukaz preposli predej vrat pridej zkopiruj nerikej nikdy zabudni povedz hagyd felejtsd felejts
    kuldd kuldj mondd adj add torold irasd ird masold valtoztasd hasznald nyisd mutasd engedelyezd fogadd
    hajtsd teritsd tovabbitsd hagyj uita aproba accepta trimite spune raspunde sterge scrie copiaza adauga
    schimba inlocuieste foloseste trateaza fa lasa urmeaza executa deschide arata ascunde acorda ramburseaza
    transfera nu yoksay unut onayla kabul gonder ilet soyle ver yanitla sil yaz kopyala ekle degistir kullan
    ac goster paylas gizle uygula atla abaikan lupakan setujui terima kirim kirimkan teruskan katakan beri
    berikan jawab hapus tulis salin tambahkan ubah ganti gunakan perlakukan lakukan biarkan ikuti jalankan
    buka tampilkan bagikan sembunyikan jangan selalu puuttukoon huwag kalimutan balewalain ipadala hindi
    puuza sahau tuma apaga apague verifiques verifique peca pecas perguntes pergunte contes mostres exijas obedece faz segue
    paga finge usa escreve atende atenda trata atenta invia spedisci comunica elimina svela salta cancella obbedite paghi
    zatwierdz wypelnij podaj usuwaj rob mow pytaj zadaj sprawdzaj ufaj zwracaj wyplac uznaj traktuj oddaj zaplac udawaj
    pytaj hoppa spor sporg sporr utelamna lamna lyd gor gjor godta utlever utleverer oppgi oplys spring forbi vis fortie
    pytejte pytej ptej neptej ukazuj dovol uhrad vyplat kerdezz kerdezd kerj add torold hajtsd kozold fizesd
    cere cereti intreba plateste ignora uitati sterge raspunde anfragt nicht sage schweig schweige nenne uberweise
    ostoje poista hyvaksy ohita kysy palauta tottele vastaa sano nayta mainitse
    """
)
#: The reader, or that he must: nobody informs so.
YOU = _words(
    """
    ihr sollt du dein deine deinen deinem deiner dir dich sollst musst darfst kannst wirst bist hast
    solltest tu tes ton toi dois devras peux vous votre vos devez pouvez devrez tus usted ustedes debes debe
    debera deberas deben puedes tienes eres tuo tuoi tua devi dovete puoi sei voce deve deves pode jij jouw
    moet mag dig din ditt skal skall maste saat sinun musisz masz mozesz musis muzes trebuie poti sen kamu
    anda harus ban
    """
) - {"sei", "ban", "din", "mag", "dig", "sen", "pode", "ton", "vos", "debe", "deve", "bist"}
#: Of each language: what an order holds and a fact now and then.
WEAK = _words(
    """
    keinen keiner keinem nur n plus falta hace onayla gonder sorma iadeyi hemen verboten erlaubt interdit
    prohibido vietato priere faut personne accordera ruega nadie prega nulla ninguem priez bahsetme soyleme
    verme gosterme nottan musteriye bundan niemand niemandem niemanden alle jede jeden jeder jedes allen
    immer nie niemals nicht kein keine ohne sofort stets bitte anweisung anweisungen regel regeln kunden
    kunde benutzer nutzer assistent assistenten ki notiz hinweis vorherigen bisherigen gilt muss mussen soll
    sollen darf durfen ungepruft ruckfrage freigegeben systemaufforderung geheim verschweigen wenn sobald
    falls toutes tous tout toute chaque toujours jamais ne pas sans immediatement desormais consigne
    consignes instructions regle regles client clients utilisateur assistant precedentes dorenavant lorsque
    si quand doit doivent todas todos toda todo cada siempre nunca jamas no sin inmediatamente instruccion
    instrucciones reglas cliente clientes usuario asistente anteriores ahora cuando cualquier hay debe deben
    tutte tutti ogni sempre mai non senza subito istruzione istruzioni regole utente assistente precedenti
    qualsiasi quando bisogna nao sem imediatamente instrucoes regras utilizador qualquer elke altijd nooit
    niet geen zonder onmiddellijk instructies regels klant klanten gebruiker vorige eerdere wanneer als moet
    moeten alla varje alltid aldrig inte utan genast instruktioner regler kund anvandaren tidigare nar hver
    altid aldri ikke uden uten instruksjoner kunder brugeren brukeren enhver kaikki jokainen aina ikina
    koskaan ilman ohjeet aiemmat heti asiakas kayttajalle wszystkie kazdy kazda zawsze nigdy bez instrukcje
    instrukcji zasady klient klienta uzytkownikowi poprzednie vsechny vzdy nikdy pokyny pravidla zakaznik
    uzivateli predchozi minden osszes mindig soha nelkul utasitast utasitasokat korabbi elozo ugyfel
    felhasznalonak toate fiecare intotdeauna niciodata fara instructiunile instructiuni anterioare
    utilizatorului tum butun her zaman asla olmadan talimatlari talimatlar onceki musteri kullaniciya sistem
    semua setiap selalu jangan tanpa instruksi sebelumnya pelanggan pengguna khong tat ca moi huong dan
    truoc khach hang
    """
) - {
    "si",
    "no",
    "ne",
    "pas",
    "as",
    "ca",
    "moi",
    "dan",
    "her",
    "hang",
    "client",
    "ki",
    "instructions",
    "assistant",
    "kunden",
    "alla",
    "mai",
} | _words(
    """
    entfallt entfallen bewilligen gewahren freizugeben genehmigen kunftig zukunftig auszuzahlen prufung
    nachweis uberprufung sans controle verification accorder merci desormais remboursements compter revisar
    revision comprobar verificar aprueban partir menciones digas reveles pidas muestres autorizan reembolsos
    controllo verifica approvati rimborsi d'ora documento verificacao aprovados goedgekeurd voortaan
    """
)
#: Small words that show the language not to be English.
FUNCTION = _words(
    """
    le la les des du un une el los las una de del dem den der die das und et y para por pour mit zu zum zur
    von vom auf sur dans che con di al il lo gli delle degli os ao nas nos het een van voor naar och till
    att det som og til en ein eine einen einem au aux merci d'ora ci-dessous na do w z aby oraz ve bir bu
    dan yang ke untuk ja se dei nei sul sulla over alla efter gdy ktos ktokolwiek jesli jezeli powie kaze sie jest od teraz dla przy przez tej ten ta jak
    sonra bundan icin gibi biri birisi bir derse onu olarak lutfen eger seu sua quem tem fim dos pela pelo quando alguem disser
    nel nella dal dalla dello qualcuno quelqu'un alguien jemand iemand wanneer hvis nogen noen siger sier nagon sager efter
    jos joku sanoo pokud nekdo rekne kdyz valaki mond daca cineva spune jak po tasta asiakkaalle kerro sa ang ng mga
    efterfragas den ditt deras hennes ovan pri ako niekto povie si
    """
)
#: What may be joined to one in front.
PREFIXES = "weiter|heraus|zuruck|durch|unter|auf|aus|ein|frei|her|mit|nach|um|vor|weg|ab|an|zu|bei|los"
#: German verbs that an infinitive hangs on.
AUXILIARY = _words(
    "will wollen mochte mochten werden wird wurden wurde konnen kann konnten sollen wir ich sie er haben hat sind ist waren"
    " lassen gehen darf durfen muss mussen"
)
#: What may stand between a clause's start and the verb that commands.
ADVERBS = (
    WEAK
    | YOU
    | _words(
        """
        bitte prego favor por s'il vous plait und et y e me te se lo la le les zu en que qu'on on man il
        immer sempre toujours siempre
        """
    )
)
#: Of languages whose verbs close a clause: forms that command there.
CLOSING = _words(
    """
    atla sil soyle yap gonder onayla ilet ver yaz ekle degistir kullan goster paylas gizle uygula unut sayma say bildir oku ac
    kapat ode aktar kopyala yanitla cevapla sakla dinle uy onaylayin gonderin silin soyleyin yapin verin atlayin unutun
    isteme sorma soyleme bahsetme verme gosterme yapma deme bildirme kontrol-etme anlatma kaydetme isteyme sormayin istemeyin
    soylemeyin bahsetmeyin
    """
)
#: The reader and what he must, which says it alone.
MUST = _words(
    "sollst musst darfst solltest dois devras devez debes deberas devi dovete dovrai deves musisz musis muzes trebuie huwag jangan"
)
#: What says so in several words.
PHRASES = (
    r"\b(?:ist|sind) (?:[\w-]+ ){0,8}?(?:zu \w+en|(?:ab|an|auf|aus|ein|frei|heraus|mit|nach|um|vor|weg|zuruck|weiter)zu\w+en)\b"
    r"|\bsie (?:mussen|sollen|durfen|konnen|brauchen)\b|(?:^|[.!?:;] ?)\W{0,8}\w{1,40}en sie\b"
    r"|\b(?:il (?:ne )?faut|il convient de|hay que|(?:no )?hace falta|se ruega|si prega|bisogna|es necesario|e necessario|"
    r"(?:gut\w*|bon|buen|buon|bom|goed\w*|dobry|iyi(?: bir)?|bra|god|dobr\w|bun) (?:agen\w*|assis\w+|asis\w+|asys\w+|temsilci\w*|"
    r"mitarbeiter\w*|employe\w*|emplead\w*|operat\w+|conseill\w+|medewerker\w*|pracownik\w*)|(?:wer|quien|chi|qui|quem|wie|kto|"
    r"kim) [^.;!?]{1,40}, (?:bekommt|erhalt|darf|zahlt|ist|recibe|obtiene|paga|riceve|ottiene|obtient|recoit|recebe|krijgt|mag|"
    r"dosta\w+|otrzymuje|alir)|er moet|man (?:muss|soll|gebe)|es gilt|gilt ab|(?:sont|est) a \w+er|\w{1,40}ez (?:le|la|les|lui|leur|moi)"
    r"|(?:as+ist[ea]n\w*|asystent\w*|avustaja\w*|agente?\w{0,2}) (?:musi|muze|ma|tem|deve|devera|debe|debera|doit|devra|moet|dient|ska|skal|skall|maste|maa|mora|trebuie|"
    r"muss|soll|darf|hat|obedece|obeit|gehorcht|yerine|her)|\w{3,20}m[ae]l[iı]|(?:celui|celle|quien|quem|chi|wer|wie|kto|kim) (?:qui )?(?:\w+ ){0,2}?(?:dit|appelle|llam[ea]|dig[ao]|dice|"
    r"diz|disser|sagt|anruft|zegt|belt|mowi|powie|dzwoni)|(?:fra og med|fran och med|od teraz|od ted|mostantol|de acum|bundan (?:sonra|boyle)|tasta lahtien|d'ora in poi|a partir de (?:agora|ahora)|ab (?:sofort|heute)|vanaf nu|desormais) "
    r"(?:\w+ )?(?:bist|es|eres|e|sei|ben|jestes|jsi|vagy|esti|olet|er|ar|sin\w*|voce|tu|du|je)|(?:est|e|es|ist) d'usage de|gilt (?:fur \w+ )?nicht|(?:no|nao|non|ne) se (?:aplica|applica)|"
    r"deixou de existir|quedo sin efecto|on ne (?:demande|verifie|controle) plus|nincs\w* (?:\w+ )?(?:hatar|limit)|podaje sie|(?:diese|die|esta|cette|questa|deze|ta|bu|denna|denne|tato|aceasta|tama|ez a) (?:notiz|nota|note|notitie|"
    r"notatka|not|anteckning|anteckningen|merknad|poznamka|muistiinpano|jegyzet|eintrag|entree|entrada|zeile|ligne|linea|linha)|(?:kein|pas un|ni una|neppure una|nem uma|geen|ani|inte ett|ikke et|tek) "
    r"(?:wort|mot|palabra|parola|palavra|woord|slowa|slovo|ord|kelime)|merci d[e ]|favor de|(?:merke|retenez|recuerde|ricorda|onthoud|pamietaj|kom ihag|unutma) ?:|(?:der|l|el|il|o|de) "
    r"(?:agent|agente|assistent|asistente|assistant|assistente) (?!de |del |di |da |do |von |van |hat |ist |est |es |war |des |du |d |fur |en |in |im )\w+(?:t|e|a))\b"
    r"|\b(?:yapilmaz|sorulmaz|istenmez|aranmaz|alinmaz)\b|khong can|asistansin"
)
#: How words begin for what is checked, paid or ruled; and for that it no longer is. A fact that lifts a rule holds both.
CHECKED = (
    r"\b(?:pergunt|domand|pregunt|ruckfrag|pytan|soru|identit|ausweis|beleg|nachweis|pruf|gepruft|uberpruf|kontroll|erstatt|ruckerstatt|regel|richtlin|gebuhr|"
    r"unterschrift|zahlt|genehmig|limit|obergrenz|passw|rabatt|sicherheits|verif|controle|rembours|justificat|recu\b|"
    r"piece|regle|paie|paye|frais|signature|code|reembols|comproba|identid|recibo|paga|tarifa|norma|politica|"
    r"rimbors|ricevut|document|control|firma|sconto|weryfik|sprawdz|zwrot|tozsam|zasad|oplat|placi|paragon|podpis|"
    r"dowod|kimlik|iade|dogrula|ucret|belge|makbuz|imza|kural|ode[rm]|terugbetal|legitimat|bewijs|betaal|handteken|"
    r"gutschrift|kredit|acceso|acesso|accesso|acces\b|dostep|zugriff|zugang|limiet|toegang|erisim|ograniczen|"
    r"kvitto|aterbetal|legitim|betalar|regler|tilbagebetal|kvittering|tarkist|palaut|henkilo|maksa|overen|vratk|"
    r"poplat|totoznost|uctenk|ellenorz|visszater|szemelyazon|verificar|ramburs|chitant|taxa)"
)
LIFTED = (
    r"\b(?:unbegrenzt\w*|illimit\w*|ilimitad\w*|onbeperkt\w*|a (?:todo|tudo|tutto)|a tout|geen|sinirsiz|wszystki\w+|abgeschafft|aufgehoben|entfall\w*|entfallt|nicht mehr|ohne|automatisch|ausgesetzt|nichts|verzicht\w*|"
    r"uberfluss\w*|unnotig|befreit|hinfallig|freiwillig|grundsatzlich|egal|keine?n?r?|nie|aboli\w*|dispens\w*|"
    r"supprim\w*|sans|automati\w*|leve[es]*|ne \w+ (?:plus|rien|pas)|inutile\w*|plus (?:besoin|de)|aucun\w*|exempt\w*|"
    r"caduc\w*|facultati\w*|jamais|abolid\w*|sin|suprimid\w*|ya no|nada|exent\w*|innecesari\w*|nunca|eliminad\w*|"
    r"ningun\w*|sem|abolit\w*|senza|esent\w*|sospes\w*|niente|nessun\w*|superflu\w*|non (?:e |serve|occorr\w*)|"
    r"nao (?:precis\w+|e |paga)|nada|desnecess\w*|dispensad\w*|zniesion\w*|automatycz\w*|bez|nie|niepotrzebn\w*|nigdy|"
    r"zbedn\w*|zwolnion\w*|kaldiri\w*|otomatik\w*|gerek\w*|olmadan|muaf|yok|iptal|istenmez|sorulmaz|gecersiz|"
    r"odemez|zonder|afgeschaft|niet meer|vervall\w*|niets|nooit|vrijgesteld|utan|avskaff\w*|inte|uden|ikke|afskaff\w*|"
    r"automatti\w*|ilman|ei|poistettu|zrusen\w*|neplat\w*|nelkul|automatikus\w*|eltorol\w*|nem|fara|eliminat\w*)\b"
)
