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
