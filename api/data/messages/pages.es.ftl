# Las palabras de las páginas que ven las personas.

page_skip = Ir al contenido
page_foot = Lonja, un mercado de software en la nube.

problem_all = Códigos de error
problem_trail = Dónde está
problem_by_status = Por estado HTTP
problem_intro = Cada rechazo de este servicio lleva uno de estos códigos estables. Los programas leen `code`; las palabras son para las personas, en español y en inglés.
problem_means = Qué significa
problem_todo = Qué hacer
problem_example = Lo que recibe un programa
problem_example_note = Un documento `application/problem+json` (RFC 9457). Donde hay …, una respuesta lleva los datos de su propio caso.
problem_refused = La solicitud se rechazó: no cambió nada.
problem_failed = Falló de nuestro lado. Enviar de nuevo la misma solicitud con la misma `Idempotency-Key` no hace daño.

status_400 = La solicitud está mal formada
status_401 = Sin autenticar
status_403 = No permitido
status_404 = No encontrado
status_405 = Método no permitido
status_408 = Demasiado lento
status_409 = En conflicto con el estado actual
status_410 = Ya no está
status_412 = Cambió entretanto
status_413 = Demasiado grande
status_415 = Tipo de contenido no admitido
status_422 = Bien formada, pero no aceptable
status_428 = Falta una condición previa
status_429 = Demasiadas solicitudes
status_500 = Falló de nuestro lado
status_503 = No disponible ahora

verify_email_ask = Confirme su dirección
    .body = { $company } se está inscribiendo como revendedor en este mercado e indicó { $email } como su contacto principal. Si es usted, confírmelo: entonces comenzará la revisión de la inscripción.
    .action = Sí, esta dirección es mía
    .todo = ¿No conoce a { $company }? Cierre esta página. Sin su confirmación, la inscripción no sigue adelante.
verify_email_done = Su dirección está confirmada
    .body = La revisión de la inscripción de { $company } ha comenzado. Terminará a más tardar el { $due } y el resultado llegará por correo a esta dirección.
    .todo = Aquí no queda nada por hacer; puede cerrar esta página.
verify_email_used = Este enlace ya se usó
    .body = La dirección ya está confirmada y la inscripción sigue su curso.
    .todo = Aquí no hay nada que hacer. El resultado de la revisión llegará por correo.
verify_email_replaced = Se envió un enlace más reciente
    .body = Este enlace dejó de servir cuando se le envió otro.
    .todo = Abra el correo más reciente sobre esta inscripción y use su enlace. Si no lo encuentra, pida a su empresa que lo envíe de nuevo.
verify_email_expired = Este enlace ha caducado
    .body = Servía durante siete días.
    .todo = Pida a su empresa que envíe el correo de nuevo; el enlace nuevo funcionará.
verify_email_unknown = Este enlace no lleva a ninguna parte
    .body = No está completo o no se creó aquí.
    .todo = Abra otra vez el enlace del correo o cópielo entero. Si no sirve, pida a su empresa que lo envíe de nuevo.
verify_email_closed = Este enlace ya no hace falta
    .body = La inscripción ya no espera una confirmación.
    .todo = Aquí no hay nada que hacer. Su empresa ve en su cuenta cómo va la inscripción.
