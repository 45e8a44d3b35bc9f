# Los correos. El valor es el asunto; `.body` sus párrafos; `.action` las palabras del enlace; `.note` la letra pequeña.

mail_foot = Lonja, un mercado de software en la nube. Recibe este correo porque alguien indicó esta dirección; si no lo esperaba, no haga nada.
