# Los correos. El valor es el asunto; `.body` sus párrafos; `.action` las palabras del enlace; `.note` la letra pequeña.

mail_foot = Lonja, un mercado de software en la nube. Recibe este correo porque alguien indicó esta dirección; si no lo esperaba, no haga nada.

mail_email_verification = Confirme su dirección para { $company }
    .body = { $company } se está inscribiendo como revendedor en este mercado e indicó esta dirección como la de su contacto principal.

        Confirme que la dirección es suya y comenzará la revisión de la inscripción.
    .action = Confirmar la dirección
    .note = El enlace funciona una sola vez, hasta el { $until }. Si no conoce a esta empresa, no haga nada: sin su confirmación, la inscripción no sigue adelante.

mail_enrolment_in_review = { $company }: la revisión ha comenzado
    .body = Su dirección está confirmada. La inscripción de { $company } se está revisando; terminará a más tardar el { $due }.

        Le escribiremos de nuevo cuando haya una decisión.
mail_enrolment_overdue = { $company }: la revisión tarda más
    .body = La revisión de la inscripción de { $company } debía terminar a más tardar el { $due } y no ha terminado. Por su parte no falta nada.

        El operador del mercado la ve ahora la primera de su lista. Si le pregunta, indique el socio { $partner }.
mail_enrolment_approved = { $company } está aprobada
    .body = La inscripción de { $company } se aprobó.

        Queda un paso: un globalAdmin lee el contrato de socios y lo acepta. Entonces { $company } podrá vender.
mail_enrolment_approved_without_location = { $company } está aprobada; falta su PartnerID
    .body = La inscripción de { $company } se aprobó.

        Quedan dos pasos: vincular el PartnerID de tipo ubicación y, después, que un globalAdmin lea el contrato de socios y lo acepte. Entonces { $company } podrá vender.
mail_enrolment_rejected = { $company }: la inscripción necesita correcciones
    .body = La inscripción de { $company } no se pudo aprobar:

        { $reasons }

        Corríjalo y envíe de nuevo la inscripción.
mail_partner_active = { $company } está activa
    .body = { $company } aceptó el contrato de socios y está activa: puede vincularse con un proveedor y vender.
mail_partner_suspended = { $company } está suspendida
    .body = El operador suspendió a { $company }: { $reason }

        Hasta que se restablezca, sus clientes de API no tienen acceso. Pregunte al operador e indique el socio { $partner }.
mail_partner_reinstated = { $company } está restablecida
    .body = { $company } ya no está suspendida. Sus clientes de API funcionan de nuevo.

names_two = { $one } y { $other }
names_two_i = { $one } e { $other }

mail_relationship_request = { $company }: por favor, confirme que trabaja con { $partners }
    .body = Se le pide que { $company } acepte a { $partners } en este mercado, para poder atenderle.

        La página del enlace dice quién lo pide y qué concede al aceptar. Lleva un minuto; allí también puede rechazarlo.
    .action = Ver y responder la solicitud
    .note = El enlace es suyo y funciona hasta el { $until }. Páselo solo dentro de su empresa.

mail_relationship_request_mca = { $company }: por favor, confirme que trabaja con { $partners } y acepte el Contrato de cliente de Microsoft
    .body = Se le pide que { $company } acepte a { $partners } en este mercado, para poder atenderle. Junto con ello se le pide que acepte el Contrato de cliente de Microsoft, sin el cual no se puede pedir nada.

        La página del enlace dice quién lo pide y qué concede al aceptar. Para aceptar necesita un código, que la página envía a este contacto. Allí también puede rechazarlo.
    .action = Ver y responder la solicitud
    .note = El enlace es suyo y funciona hasta el { $until }. Páselo solo dentro de su empresa.

mail_contact_changed = { $company } tiene otro contacto en el mercado
    .body = { $partner } indicó otro contacto de { $company } en este mercado. Hasta ahora era usted.

        Desde ahora, lo que se pide a { $company } se envía al nuevo contacto.
    .note = Si no es correcto, pregunte a { $partner } o al operador del mercado.

mail_acceptance_code = { $code } es su código para aceptar en nombre de { $company }
    .body = Alguien de { $company } está a punto de aceptar a { $partners } en este mercado.

        El código es { $code }

        Funciona una sola vez, durante { $minutes } minutos. Délo solo a quien pueda aceptar en nombre de su empresa; nunca lo dé a { $partners }: con él se acepta su solicitud.
    .note = Si nadie de su empresa pidió este código, no haga nada: sin él no se acepta nada.

forward_request = { $partners }: por favor, confirme que trabajamos juntos
    .body = Hola, { $name }:

        para que podamos atender a { $company } en el mercado, confirme por favor que trabajamos juntos. Abra este enlace, lea quién pide qué y acepte. El enlace es personal: por favor, déjelo exactamente como está.

        { $link }

        Funciona hasta el { $until }. Allí también puede rechazarlo.

        Un saludo
        { $partners }

forward_request_mca = { $partners }: por favor, confirme que trabajamos juntos y acepte el Contrato de cliente de Microsoft
    .body = Hola, { $name }:

        para que podamos atender a { $company } en el mercado, confirme por favor que trabajamos juntos y acepte el Contrato de cliente de Microsoft. Abra este enlace, lea quién pide qué y acepte. El enlace es personal: por favor, déjelo exactamente como está.

        { $link }

        La página envía un código al contacto de su empresa; lo necesita para aceptar. Por favor, no nos lo pase. El enlace funciona hasta el { $until }. Allí también puede rechazarlo.

        Un saludo
        { $partners }

forward_tenant = { $partners }: por favor, confirme para su dominio de Microsoft { $tenant }
    .body = Hola, { $name }:

        su dominio de Microsoft { $tenant } lo atendía otro proveedor. Para que podamos activar en él licencias de { $company }, confirme por favor que acepta a { $partners } con este enlace: ábralo, lea quién pide qué y acepte. El enlace es personal: por favor, déjelo exactamente como está.

        { $link }

        La página envía un código al contacto de su empresa; lo necesita para aceptar. Por favor, no nos lo pase. El enlace funciona hasta el { $until }. Allí también puede rechazarlo.

        Un saludo
        { $partners }

mail_tenant_acceptance = Para reenviar a { $company }: aceptación para { $tenant }
    .body = El dominio de Microsoft { $tenant } de { $company } lo atendía otro proveedor. El cliente tiene que aceptar a { $partners } antes de que quede activo.

        Reenvíe este correo a su cliente tal como está. La página del enlace envía un código al contacto del propio cliente; con él acepta, y el dominio queda activo por sí solo.
    .action = Para el cliente: ver y responder la solicitud
    .note = El enlace funciona hasta el { $until }. Si vence, pídalo de nuevo desde el inquilino.

mail_tenant_active = { $tenant } está activo
    .body = { $company } ha aceptado. Su dominio de Microsoft { $tenant } está activo; los pedidos que lo esperaban siguen por sí solos.

mail_tenant_declined = { $company } ha rechazado para { $tenant }
    .body = { $company } no aceptó la solicitud para su dominio de Microsoft { $tenant }. Los pedidos que lo esperaban quedan cancelados. Hable con el cliente y vincule el dominio de nuevo cuando esté de acuerdo.

mail_tenant_expired = Nadie respondió por { $tenant }
    .body = { $company } no respondió a tiempo la solicitud para su dominio de Microsoft { $tenant }. Los pedidos que lo esperaban quedan cancelados. Puede pedirlo de nuevo desde el inquilino; el cliente recibe otro enlace.

mail_link_invitation = { $company } le invita a trabajar juntos
    .body = { $company } pide ser su proveedor indirecto en este mercado: enviar pedidos y agregar suscripciones para sus clientes, con acceso de administrador a la cuenta de su empresa.

        { $message }

        Un administrador global de su empresa lee lo que se pide y decide. El enlace personal de abajo, o el código en que termina, identifica la invitación.
    .action = Ver la invitación
    .note = La invitación se puede responder una sola vez, hasta el { $until }. Nada se concede antes de que usted lo autorice. Si no conoce a esta empresa, no haga nada.

mail_link_restore = { $company } pide de nuevo el acceso de administrador
    .body = { $company } es su proveedor indirecto en este mercado y pide el acceso de administrador a la cuenta de su empresa, que se había retirado.

        { $message }

        Un administrador global de su empresa lee lo que se pide y decide. El enlace personal de abajo, o el código en que termina, identifica la petición. Su asociación con este proveedor sigue igual en ambos casos.
    .action = Ver la petición
    .note = La petición se puede responder una sola vez, hasta el { $until }. Nada se concede antes de que usted lo autorice.

mail_renewal_payment_due = Hay un pago pendiente de { $plan }
    .body = La renovación de { $plan }, { $seats } puestos para { $company }, está por pagar: { $amount }.

        Debe liquidarse a más tardar el { $until }. Lo que no se pague hasta entonces se suspende.
    .note = Si ya se pagó, este correo se ha cruzado con el pago.

mail_renewal_overdue = { $plan } está suspendido: no se pagó su renovación
    .body = La renovación de { $plan }, { $seats } puestos para { $company }, no se pagó a tiempo, y la suscripción está suspendida. Se deben { $amount }.

        Un pago a más tardar el { $grace } la reanuda por sí sola; después se cancela.

mail_renewal_payment_failed = No se pudo cobrar un pago de { $plan }
    .body = El pago de { $amount } por la renovación de { $plan }, { $seats } puestos para { $company }, no se pudo cobrar: «{ $reason }»

        Debe liquidarse a más tardar el { $until }. Revise la forma de pago, o pague de otra manera.

mail_gcc_submitted = { $organization }: se envió la validación para la nube gubernamental
    .body = { $organization } se envió para su validación en la nube del gobierno de Estados Unidos, en nombre de { $partner }.

        La respuesta llegará por correo antes de que acabe el { $due }. La validación tiene el número { $validation }.
    .note = Si nadie de su empresa la envió, avise al operador.

mail_gcc_information_needed = { $organization }: el revisor tiene una pregunta
    .body = Sobre la validación { $validation } para la nube del gobierno de Estados Unidos, el revisor pregunta:

        «{ $words }»

        Responda con `POST /v1/gcc/…-validations/{ $validation }:provide-information`; se pueden adjuntar archivos. Hasta entonces el plazo se detiene.

mail_gcc_information_needed_of_customer = Una pregunta sobre { $organization } y la nube del gobierno de Estados Unidos
    .body = { $partner } ha pedido validar a { $organization } para la nube del gobierno de Estados Unidos. El revisor pregunta:

        «{ $words }»

        Dé la respuesta a { $partner }, que la entregará por usted.
    .note = Si no conoce a { $partner }, no haga nada: sin respuesta no se aprueba nada.

mail_gcc_information_received = { $organization }: la respuesta ha llegado
    .body = La respuesta sobre la validación { $validation } está con el revisor. El plazo sigue: la decisión llegará antes de que acabe el { $due }.

mail_gcc_partner_approved = { $organization } puede vender en la nube del gobierno de Estados Unidos
    .body = { $organization } está cualificada: `governmentCommunityCloud` figura entre las cualificaciones de su perfil.

        Próximos pasos: envíe clientes con `POST /v1/gcc/customer-validations`, vea sus cualificaciones y pida ofertas GCC para los que estén validados. Sus revendedores vinculados envían clientes con su id. de inquilino comercial.

mail_gcc_customer_approved = { $organization } puede comprar en la nube del gobierno de Estados Unidos
    .body = { $organization } está validada. Su cualificación figura en su registro.

        Próximos pasos: { $partner } pide Office 365, Dynamics 365, EMS y Power BI para la nube gubernamental; no hace falta otra validación.

mail_gcc_code_issued = { $organization } está validada: su código
    .body = { $organization } está validada para la nube del gobierno de Estados Unidos. Su código de validación es { $code }.

        Próximos pasos: cree el cliente con `gccValidationCode`, o cualifique a uno existente con `PUT /v1/customers/…/qualifications/government-community-cloud`; después pida ofertas GCC para él.

mail_gcc_denied = { $organization } no fue validada para la nube del gobierno de Estados Unidos
    .body = El revisor denegó la validación { $validation }:

        «{ $words }»

        Próximos pasos: lo que falte se puede demostrar en una nueva solicitud en cualquier momento.

mail_gcc_withdrawn = { $organization }: la validación fue retirada
    .body = La validación { $validation } para la nube del gobierno de Estados Unidos se retiró antes de decidirse. Se puede enviar una nueva en cualquier momento.

mail_gcc_overdue = { $organization }: la respuesta se retrasa
    .body = La respuesta a la validación { $validation } debía llegar antes de que acabara el { $due } y no ha llegado. Ahora está la primera en la cola; pregunte al operador indicando su número.

mail_gcc_code_withdrawn = { $organization }: su código de validación fue retirado
    .body = El operador ha retirado el código de validación { $code }:

        «{ $words }»

        Los clientes cualificados con él lo siguen estando. La organización se puede enviar de nuevo.

mail_open_welcome_customer = Su pedido { $purchaseOrder } en Open
    .body = { $reseller } ha pedido Office 365 en el programa Open para { $company }, con su orden de compra { $purchaseOrder }.

        { $signed ->
            [yes] El contrato { $agreement } está firmado: un administrador global de { $company }, o { $reseller }, puede recuperar las claves en cuanto haya existencias.
           *[no] Un administrador global de { $company } debe firmar el contrato { $agreement }. Después { $company } o { $reseller } pueden recuperar las claves.
        }

        El año de cada plan comienza cuando se canjea su clave. Hasta entonces el pedido se puede cancelar; después no se devuelve nada.

mail_open_welcome_reseller = El pedido { $purchaseOrder } de { $company } en Open
    .body = Se ha recibido el pedido para { $company } en el programa Open, con la orden de compra { $purchaseOrder }.

        { $signed ->
            [yes] El contrato { $agreement } está firmado: el cliente, o usted, puede recuperar las claves en cuanto haya existencias.
           *[no] El cliente debe firmar el contrato { $agreement }. Antes nadie puede recuperar una clave.
        }

        El año de cada plan comienza cuando se canjea su clave. Recomendamos hacerlo junto con el cliente.

mail_open_renewal_notice = { $plan } de { $company } termina después del { $until }
    .body = El año de { $plan }, { $seats } puestos para { $company }, que comenzó con una clave del programa Open, termina después del { $until }. No se renueva por sí solo.

        Otro año requiere otra clave en Open, o una compra directa del cliente.
