# Los correos. El valor es el asunto; `.body` sus párrafos; `.action` las palabras del enlace; `.note` la letra pequeña.

mail_foot = Lonja, un mercado de software en la nube. Recibe este correo porque alguien indicó esta dirección; si no lo esperaba, no haga nada.

mail_email_verification = Confirme su dirección para { $company }
    .body = { $company } se está inscribiendo como revendedor en este mercado e indicó esta dirección como la de su contacto principal.

        Confirme que la dirección es suya y comenzará la revisión de la inscripción.
    .action = Confirmar la dirección
    .note = El enlace funciona una sola vez, hasta el { $until }. Si no conoce a esta empresa, no haga nada: sin su confirmación, la inscripción no sigue adelante.
