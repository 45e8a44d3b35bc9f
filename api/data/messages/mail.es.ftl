# Los correos. El valor es el asunto; `.body` sus párrafos; `.action` las palabras del enlace; `.note` la letra pequeña.

mail_foot = Lonja, un mercado de software en la nube. Recibe este correo porque alguien indicó esta dirección; si no lo esperaba, no haga nada.

mail_email_verification = Confirme su dirección para { $company }
    .body = { $company } se está inscribiendo como revendedor en este mercado e indicó esta dirección como la de su contacto principal.

        Confirme que la dirección es suya y comenzará la revisión de la inscripción.
    .action = Confirmar la dirección
    .note = El enlace funciona una sola vez, hasta el { $until }. Si no conoce a esta empresa, no haga nada: sin su confirmación, la inscripción no sigue adelante.

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
