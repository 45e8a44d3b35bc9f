# Cada código de error: su título, qué ocurre (.detail) y qué hacer (.advice).

invalid_request = La solicitud no es como se documenta
    .detail = Algunos campos o parámetros no son como se documenta; `errors` los enumera todos.
    .advice = Corrija cada entrada de `errors` y envíe la solicitud de nuevo.

malformed_json = El cuerpo no es JSON
    .detail = El cuerpo no se pudo leer como JSON en la línea { $line }, columna { $column }.
    .advice = Envíe un objeto JSON en UTF-8.

invalid_cursor = El cursor no es válido
    .detail = Este cursor no se emitió para esta lista, estos filtros y este cliente.
    .advice = Empiece de nuevo sin `cursor`.

idempotency_key_required = Falta Idempotency-Key
    .detail = Esta operación ocurre una vez por cada Idempotency-Key, y la solicitud llegó sin ella.
    .advice = Envíe la cabecera `Idempotency-Key` con un UUID nuevo, y el mismo en cada reintento de esta solicitud.

idempotency_key_invalid = La Idempotency-Key no es válida
    .detail = Una Idempotency-Key tiene de 1 a 255 caracteres ASCII visibles y se envía una sola vez.
    .advice = Use un UUID.

unauthorized = Se requiere un token
    .detail = La solicitud llegó sin token de acceso, o no en la forma `Bearer`.
    .advice = Obtenga un token en `/v1/oauth/token` y envíelo como `Authorization: Bearer …`.

invalid_token = El token no es válido
    .detail = El token de acceso caducó, no se emitió para este servicio o se retiró.
    .advice = Obtenga un token nuevo en `/v1/oauth/token`.

insufficient_scope = Al token le falta un ámbito
    .detail = Esta operación necesita el ámbito `{ $scope }`.
    .advice = Pida un token con este ámbito; su cliente debe tenerlo concedido.

role_required = Se requiere un rol
    .detail = Esta operación necesita uno de estos roles: { $roles }.
    .advice = Use un cliente que tenga uno de estos roles.

token_kind_not_allowed = Este tipo de token no puede hacer esto
    .detail = Esta operación es para estos tipos de token: { $kinds }.
    .advice = Use un cliente de uno de estos tipos.

not_found = No se encontró
    .detail = Con este identificador no hay nada ({ $thing ->
            [api_client] cliente de API
            [customer] cliente
            [entitlement] derecho de uso
            [event] evento
            [offer] oferta
            [order] pedido
            [order_line] línea de pedido
            [partner] socio
            [problem_type] tipo de problema
            [refund] reembolso
            [renewal] renovación
            [subscription] suscripción
            [tenant] inquilino
            [webhook_delivery] entrega de webhook
            [webhook_endpoint] destino de webhook
           *[other] { $thing }
        }) entre lo que puede ver.
    .advice = Compruebe el identificador y que el token sea del socio correcto.

route_not_found = No hay nada en esta ruta
    .detail = Ninguna operación de este servicio tiene esta ruta.
    .advice = Vea en `/openapi.json` o `/docs` las rutas que existen.

method_not_allowed = Este método no se permite aquí
    .detail = La ruta existe, pero no admite este método HTTP.
    .advice = Use uno de los métodos de la cabecera `Allow`.

request_timeout = La solicitud tardó demasiado en llegar
    .detail = La solicitud no estaba completa cuando se agotó su tiempo.
    .advice = Envíe la solicitud completa sin pausas.

idempotency_in_flight = La misma solicitud sigue en curso
    .detail = Una solicitud con esta Idempotency-Key empezó y aún no ha terminado.
    .advice = Espere los segundos de `Retry-After` y envíe la misma solicitud con la misma clave.

precondition_failed = El recurso ha cambiado
    .detail = `If-Match` nombra una versión anterior de este recurso.
    .advice = Lea el recurso de nuevo y repita con su `ETag` actual.

body_too_large = El cuerpo es demasiado grande
    .detail = El cuerpo puede tener como máximo { $limit } bytes.
    .advice = Envíe menos de una vez.

unsupported_media_type = Este tipo de contenido no se admite
    .detail = Esta operación acepta { $accepted }.
    .advice = Envíe este tipo de contenido, sin codificación de contenido.

range_not_satisfiable = Esta parte del archivo no existe
    .detail = El archivo tiene { $size } bytes.
    .advice = Pida una parte que esté dentro de él, o todo, sin `Range`.
secret_already_shown = El secreto ya se mostró
    .detail = Una respuesta secreta solo se repite a su propio cliente, durante 24 horas y mientras el secreto sea válido.
    .advice = Reemplace el secreto, por ejemplo con `POST /v1/api-clients/{"{"}id{"}"}:rotate` y una Idempotency-Key nueva.

idempotency_key_reused = La Idempotency-Key se usó para otra solicitud
    .detail = Esta clave pertenece a una solicitud con otra ruta u otro cuerpo.
    .advice = Use una clave nueva para una solicitud nueva.

precondition_required = Se requiere If-Match
    .detail = Este cambio solo se hace sobre una versión que usted haya leído, y la solicitud no indica ninguna.
    .advice = Lea el recurso y envíe su `ETag` como `If-Match`.

rate_limited = Demasiadas solicitudes
    .detail = La cuota de { $limit } solicitudes por minuto ({ $violatedPolicies }) está agotada; la siguiente es posible en { $seconds } segundos.
    .advice = Espere los segundos de `Retry-After`; `RateLimit` dice en cada respuesta cuánto queda.

internal = Algo falló de nuestro lado
    .detail = El servicio encontró algo que no esperaba. No se guardó nada.
    .advice = Inténtelo de nuevo; si persiste, dé al operador el identificador de la solicitud.

integrity = Un dato guardado no pasó su comprobación de integridad
    .detail = Un secreto almacenado no está como se escribió, y por eso no se muestra.
    .advice = Dé al operador el identificador de la solicitud; no se reveló nada.

busy = El servicio está ocupado
    .detail = El servicio o su base de datos no tiene lugar para esta solicitud en este momento.
    .advice = Espere los segundos de `Retry-After` y repita; con la misma Idempotency-Key nada ocurre dos veces.

field_required = Obligatorio
    .detail = El campo debe estar, y falta.
    .advice = Añada este campo.

field_repeated = Indicado más de una vez
    .detail = { $field } se indica más de una vez.
    .advice = Indíquelo una sola vez.

field_unknown = Campo desconocido
    .detail = Esta operación no tiene ningún campo o parámetro con este nombre.
    .advice = Quite este campo o busque su nombre en el documento.

field_wrong_type = Tipo incorrecto
    .detail = Se esperaba { $expected }.
    .advice = Envíe el tipo documentado.

field_too_long = Demasiado largo
    .detail = Se permiten { $limit } como máximo.
    .advice = Acórtelo.

field_too_short = Demasiado corto
    .detail = Se necesitan al menos { $limit }.
    .advice = Alárguelo.

field_out_of_range = Fuera de rango
    .detail = El límite es { $limit }.
    .advice = Manténgase dentro de los límites documentados.

field_format = Formato incorrecto
    .detail = El formato esperado es { $expected }.
    .advice = Envíe el formato documentado.

field_not_allowed = No es uno de los valores permitidos
    .detail = Se permiten: { $allowed }.
    .advice = Use uno de los valores permitidos.

field_characters = Caracteres que no se pueden guardar
    .detail = Aquí no se permiten caracteres de control.
    .advice = Quite los caracteres de control.

currency_unknown = Moneda desconocida
    .detail = No hay ninguna moneda con este código, o ya no se usa.
    .advice = Use un código ISO 4217 como MXN.

currency_mismatch = Las monedas no coinciden
    .detail = Esto está en { $expected }; nada se convierte sin avisar.
    .advice = Use la moneda { $expected }.

amount_invalid = No es un importe
    .detail = El texto no se puede leer como un importe de dinero.
    .advice = Envíe un número decimal simple como "14616.47".

amount_too_precise = Demasiados decimales
    .detail = El importe tiene más decimales que su moneda.
    .advice = No envíe más decimales de los que tiene la moneda.

amount_not_positive = El importe debe ser mayor que cero
    .detail = El importe es cero o negativo.
    .advice = Envíe un importe mayor que cero.

amount_too_large = El importe es demasiado grande
    .detail = El importe es mayor de lo que este servicio puede asentar de una vez.
    .advice = Divídalo.

scope_unknown = No existe tal ámbito
    .detail = No existe el ámbito `{ $scope }`; el más parecido es `{ $nearest }`.
    .advice = Use los ámbitos que enumera `/.well-known/oauth-authorization-server`.

grant_exceeds_own = Nadie concede más de lo que tiene
    .detail = Quien llama no tiene esto: { $exceeding }.
    .advice = Omita lo que sobra, o cree el cliente con otro que lo tenga.

client_has_no_secret = Este cliente no tiene secreto
    .detail = Un emisor externo responde por este cliente; no hay secreto que cambiar.
    .advice = Cambie sus credenciales donde se emitieron.

enrolment_incomplete = La inscripción no está completa
    .detail = Falta algo que el envío necesita; `errors` lo nombra todo.
    .advice = Rellene cada campo que nombra `errors` y envíela de nuevo.

partner_state_not_allowed = No es posible en el estado actual del socio
    .detail = El socio está en estado { $state }; esto necesita uno de { $allowed }.
    .advice = Mire `nextStep` del socio: dice qué hace avanzar la inscripción.

partner_data_locked = Los datos legales no se pueden cambiar ahora
    .detail = En estado { $state } el nombre, el país, la dirección, el tenant, el DUNS y el contacto principal quedan como se enviaron.
    .advice = Espere la revisión y corrija lo que rechace; después, pregunte al operador.

enrolment_kind_not_allowed = Un nuevo socio no se inscribe así
    .detail = Un socio del tipo { $kind } lo registra el operador.
    .advice = Inscríbase como `indirectReseller` o pregunte al operador.

tenant_already_enrolled = Este identificador de tenant ya está inscrito
    .detail = El tenant { $tenantId } pertenece a otra inscripción; un tenant se inscribe una sola vez, nunca como revendedor y a la vez como socio de facturación directa.
    .advice = Use la cuenta que tiene la empresa u otra cuenta profesional; si es suya, pregunte al operador.

gcc_tenant_is_commercial = El tenant gubernamental es el comercial
    .detail = `azureGccTenantId` y `tenantId` son iguales.
    .advice = Omita `azureGccTenantId` o envíe el identificador del directorio de la nube gubernamental.

partner_id_required = Falta el PartnerID
    .detail = Sin PartnerID no se puede aceptar el contrato de socios ni comprar nada.
    .advice = Vincúlelo con `PUT /v1/partners/…/partner-location` y acepte después.

partner_id_invalid = No es un PartnerID
    .detail = Un PartnerID tiene de 1 a { $digits } cifras y no empieza por 0.
    .advice = Envíe el PartnerID de tipo ubicación tal como lo muestra la cuenta del fabricante.

partner_id_not_location = Este PartnerID no es de tipo ubicación
    .detail = Representa a la empresa entera, que no comercia.
    .advice = Envíe el PartnerID de una ubicación en el país del socio.

partner_id_country_mismatch = El PartnerID es de otro país
    .detail = El PartnerID está en { $locationCountry } y el socio en { $country }.
    .advice = Envíe el PartnerID de una ubicación en el país del socio o agregue esa ubicación con el fabricante.

partner_id_in_use = Otro socio tiene este PartnerID
    .detail = Un PartnerID es de un solo socio.
    .advice = Compruebe el PartnerID; si es suyo, pregunte al operador.

verification_unknown = No existe esa verificación
    .detail = El token no está completo o no se creó aquí.
    .advice = Tome el token entero del correo más reciente o pida que se envíe de nuevo.

work_account_exists = El partner ya tiene una cuenta profesional
    .detail = Ya consta el directorio { $tenantId }.
    .advice = Siga con ella: una inscripción necesita una sola cuenta profesional. Para usar otro directorio, cambie `tenantId` en el borrador.

verification_used = El enlace ya se usó
    .detail = La dirección está comprobada; un enlace sirve una sola vez.
    .advice = No hay nada que hacer: la inscripción sigue su curso.

verification_replaced = Se envió un enlace más reciente
    .detail = Este enlace dejó de servir cuando se envió otro por correo.
    .advice = Use el enlace del correo más reciente.

verification_expired = El enlace ha caducado
    .detail = La dirección no se comprobó a tiempo.
    .advice = Pida que se envíe de nuevo: `POST /v1/partners/…:resend-verification`.

agreement_version_not_in_force = Esta versión del contrato no está en vigor
    .detail = La versión en vigor es { $inForce }, no { $version }.
    .advice = Lea otra vez el documento y acepte la versión que indica.

mpa_already_accepted = El contrato de socios ya se aceptó
    .detail = El socio aceptó la versión { $version }.
    .advice = No hay nada que hacer.

user_exists = El socio ya tiene un usuario con esta dirección
    .detail = Un socio tiene un solo usuario con cada dirección de correo.
    .advice = Cambie los roles del usuario que hay.

last_global_admin = El último globalAdmin permanece
    .detail = Ningún otro usuario de este socio es globalAdmin.
    .advice = Dé antes el rol globalAdmin a otro usuario.

role_not_for_partners = Las personas de un socio no pueden tener este rol
    .detail = El rol es para clientes de API de los clientes finales.
    .advice = Elija entre `globalAdmin`, `adminAgent` y `salesAgent`.

partner_not_active = El socio no está activo
    .detail = Este socio está en estado { $state }.
    .advice = Complete la inscripción o pregunte al operador.

company_name_invalid = No es un nombre de empresa
    .detail = El nombre es { $problem ->
             [onlySymbols] solo símbolos o espacios
             [legalForm] solo una forma jurídica
             [oneCharacter] un carácter repetido
             [spacedLetters] letras sueltas separadas
             [singleCharacter] un solo carácter
             [onlyDigits] solo cifras o símbolos
             [placeholder] un relleno
            *[other] inutilizable
        }.
    .advice = Envíe el nombre registrado de la empresa, de 2 a 255 caracteres.

contact_name_invalid = No es el nombre de una persona
    .detail = El nombre es { $problem ->
             [onlySymbols] solo símbolos o espacios
             [legalForm] solo una forma jurídica
             [oneCharacter] un carácter repetido
             [spacedLetters] letras sueltas separadas
             [singleCharacter] un solo carácter
             [onlyDigits] solo cifras o símbolos
             [placeholder] un relleno
            *[other] inutilizable
        }.
    .advice = Envíe el nombre o apellido de una persona real.

country_unknown = País desconocido
    .detail = No hay ningún país con este código.
    .advice = Use un código ISO 3166-1 alfa-2 como MX.

country_without_region = El país no está en ninguna región
    .detail = { $country } no pertenece a ninguna región a la que se venda.
    .advice = Vea en `/v1/markets` los países de cada región.

region_mismatch = Los dos están en regiones distintas
    .detail = { $sellerCountry } está en la región { $sellerRegionName } y { $buyerCountry } en { $buyerRegionName }; solo se hacen negocios dentro de una misma región.
    .advice = Elija un socio de la misma región.

state_unknown = Falta el estado o no se conoce
    .detail = Una dirección en { $country } indica su estado. Se conocen: { $allowed }.
    .advice = Use uno de los códigos de `allowed` o el nombre del estado.

postal_code_invalid = No es un código postal de este país
    .detail = En { $country } un código postal es como { $expected }.
    .advice = Corrija el código postal o el país.

webmail_not_accepted = No se acepta correo web
    .detail = `{ $host }` es un servicio de correo web.
    .advice = Use una dirección del dominio propio de la empresa.

duns_invalid = No es un número DUNS
    .detail = Un número DUNS tiene nueve dígitos, con guiones o sin ellos, y no es 000000000 ni 999999999.
    .advice = Consulte el número a quien lo emite, o no lo indique.

tenant_id_invalid = No es un id de inquilino
    .detail = Un id de inquilino es un GUID como 3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d, y no el que solo tiene ceros.
    .advice = Copie el id del centro de administración del inquilino.

registration_number_required = Falta el número de registro de la organización
    .detail = En { $country } una organización debe indicar su número de registro.
    .advice = Envíe `organizationRegistrationNumber`.

registration_number_not_accepted = Aquí no se acepta un número de registro
    .detail = En { $country } no se pide número de registro.
    .advice = No envíe `organizationRegistrationNumber`.

customer_creation_not_allowed = Este socio no puede crear clientes por sí mismo
    .detail = Los socios de facturación directa y los proveedores indirectos crean clientes; un revendedor indirecto los crea a través de un proveedor con el que tiene una asociación vigente.
    .advice = Haga que un proveedor le invite y autorícelo, o pida una relación a un cliente existente.

mca_required = El convenio del cliente aún no está aceptado
    .detail = Antes de su primer pedido el cliente debe haber aceptado el Microsoft Customer Agreement.
    .advice = Atestígüelo en `POST /v1/customers/{ "{" }id{ "}" }/agreements`.

mca_attestation_not_allowed = Este socio no puede atestiguar el convenio
    .detail = Solo los socios de facturación directa y los proveedores indirectos atestiguan el convenio del cliente.
    .advice = Deje que el cliente lo acepte o pida a su proveedor que lo atestigüe.

mca_date_in_future = La fecha del acuerdo está en el futuro
    .detail = La hora actual es { $now }.
    .advice = Envíe el instante en que el cliente aceptó.

mca_already_accepted = El convenio ya está aceptado
    .detail = Este cliente ya aceptó el acuerdo antes.
    .advice = No queda nada por hacer.

contact_is_partners_own = El contacto es del partner que pregunta
    .detail = El código del cliente iría a una dirección del partner que lo pide.
    .advice = Indique un contacto con una dirección de correo propia del cliente.

contact_changed_by_partner = El propio partner que lo pide indicó este contacto
    .detail = El cliente tenía otra dirección de correo hasta que el partner que lo pide la sustituyó; su código iría a la nueva.
    .advice = Pida que otro partner del cliente confirme el contacto indicándolo de nuevo, o que el proveedor acredite el contrato.

provider_relationship_required = El cliente no ha aceptado a este proveedor
    .detail = A este cliente lo atiende un revendedor asociado con el proveedor; el proveedor necesita una relación propia con él.
    .advice = Que el revendedor invite al cliente a través de su asociación, o que el proveedor pida una relación al cliente.

relationship_exists = El cliente ya aceptó
    .detail = El cliente ya aceptó al partner, y no se le pide nada más.
    .advice = Siga con el cliente; pida con `includeMca` si le falta el contrato.

relationship_request_closed = La solicitud está cerrada
    .detail = La solicitud está en el estado { $state }.
    .advice = Haga una solicitud nueva si hay que preguntar otra vez al cliente.

customer_has_live_licenses = La relación tiene software o suscripciones vivos
    .detail = Vivas o en espera de claves: { $entitlements } compras de software del cliente; vivas: { $subscriptions } de sus suscripciones; en espera: { $orders } de sus pedidos.
    .advice = Cancélelas o reembólselas primero; después la relación puede terminar.

acceptance_already_answered = Ya se respondió
    .detail = Está en el estado { $state } desde { $answeredAt }.
    .advice = No hay nada más que hacer. Pida al partner una solicitud nueva para responder otra cosa.

acceptance_expired = El enlace caducó
    .detail = Valía hasta { $expiredAt }.
    .advice = Pida al partner que lo envíe otra vez.

acceptance_withdrawn = La solicitud se retiró
    .detail = El partner retiró su solicitud.
    .advice = Pregunte al partner si la esperaba.

acceptance_code_not_needed = No hace falta un código
    .detail = Esto se puede aceptar sin código.
    .advice = Acéptelo o rechácelo.

acceptance_code_required = Hace falta un código
    .detail = El contrato solo se puede aceptar con el código que se envía por correo al contacto del cliente.
    .advice = Haga que se envíe el código con la decisión `sendCode` y acepte con él.

acceptance_code_wrong = El código no es correcto
    .detail = Quedan { $attemptsLeft } intentos con este código.
    .advice = Escriba los seis dígitos del último correo.

acceptance_code_expired = No hay ningún código que valga
    .detail = El código caducó, se usó, se probó demasiadas veces o nunca se envió.
    .advice = Haga que se envíe un código nuevo.

acceptance_code_limit = Se enviaron demasiados códigos
    .detail = El siguiente se puede enviar el { $nextAt }.
    .advice = Busque los códigos enviados, también entre el correo no deseado, o espere.

domain_name_invalid = No es un nombre de inquilino
    .detail = El nombre tiene de { $minimum } a { $maximum } letras minúsculas y dígitos.
    .advice = Elija un nombre como `panaderiasol`.

domain_taken = El nombre está ocupado
    .detail = `{ $domain }` ya pertenece a un inquilino.
    .advice = Elija otro nombre: `GET /v1/domains/{"{"}name{"}"}/availability` sugiere otros parecidos que están libres. Si es del propio cliente, vincúlelo con `mode` `link`.

domain_invalid = No es un dominio
    .detail = Un dominio tiene letras, dígitos y guiones entre puntos, como panaderiasol.example; bajo onmicrosoft.com hay un solo nombre de letras y dígitos.
    .advice = Copie el dominio del centro de administración del inquilino. Uno de otro alfabeto se escribe como lo tiene el DNS (xn--…).

tenant_reference_required = No se dice qué inquilino
    .detail = El inquilino que se vincula se nombra con `domain`, `tenantId` o `name`.
    .advice = Envíe al menos uno de ellos; lo mejor es el dominio y el identificador.

tenant_names_differ = Dos nombres para un inquilino
    .detail = `name` y `{ $domain }` no son el mismo.
    .advice = Omita uno de los dos. Un inquilino tiene un solo nombre bajo onmicrosoft.com.

tenant_already_linked = El cliente ya tiene aquí este inquilino
    .detail = Es el inquilino { $tenantId }.
    .advice = Use ese; si espera al cliente, envíe de nuevo la solicitud o desvincúlelo antes.

record_merged = Este registro lleva a otro
    .detail = Resultó ser un segundo registro de uno que ya existía; `mergedInto` es el id de aquel.
    .advice = Use desde ahora el id de `mergedInto`.

tenant_belongs_to_other_customer = El inquilino es de otro cliente
    .detail = Un inquilino pertenece a una sola organización.
    .advice = Compruebe el dominio y el identificador. Use el cliente que lo tiene o desvincúlelo allí antes.

tenant_not_awaiting_acceptance = El inquilino no espera a su cliente
    .detail = El inquilino está en estado { $state }.
    .advice = Solo se puede pedir de nuevo por un inquilino que espera o cuyo plazo venció. Vincule otra vez el que fue rechazado.

tenant_has_live_licenses = Hay licencias vivas en el inquilino
    .detail = Hay { $licenses } licencias en él; una licencia no se traslada nunca a otro inquilino.
    .advice = Vea `GET /v1/tenants/{"{"}id{"}"}/licenses`. Desvincúlelo cuando todas hayan terminado.

tenant_has_no_credentials = No hay credenciales para usted
    .detail = Solo el socio que creó un inquilino ve a su primer administrador; uno vinculado tiene el suyo.
    .advice = Pida al cliente una cuenta del inquilino.

credentials_already_revealed = Las credenciales ya se mostraron
    .detail = Se mostraron el { $revealedAt } y ya no se guardan.
    .advice = Repita la petición de entonces, con su clave y desde el mismo cliente, antes de 24 horas. Después el cliente restablece la contraseña en su centro de administración.

tenant_not_active = El inquilino no está activo
    .detail = El inquilino está en estado { $state }.
    .advice = Espere a que el inquilino esté activo o use otro.

partner_kind_not_allowed = Los socios de este tipo no pueden hacer esto
    .detail = Es para socios de estos tipos: { $kinds }.
    .advice = Que lo haga la otra parte de la asociación; `GET /v1/partners/me` dice de qué tipo es el suyo.

provider_not_active = El proveedor no está activo
    .detail = El proveedor no puede asociarse ni vender ahora.
    .advice = Pregunte al proveedor; autorícelo cuando vuelva a estar activo.

provider_required = Indique qué proveedor
    .detail = El revendedor está asociado con varios proveedores: { $providers }.
    .advice = Nombre uno de ellos.

consent_required = Hace falta el consentimiento
    .detail = Nada se acepta ni se autoriza sin un sí explícito al texto vigente.
    .advice = Lea lo que se pide (de una asociación: `POST /v1/indirect-provider-links:lookup`) y diga que sí en el campo que se nombra cuando se haya consentido.

link_exists = Estos dos socios ya están asociados
    .detail = La asociación { $linkId } entre ambos está vigente; hay una por cada pareja.
    .advice = Use esa asociación. Si se retiró su acceso de administrador, invite con `"purpose": "restoreAdminAccess"`.

link_not_active = No hay una asociación vigente entre estos socios
    .detail = La asociación no está en pie: su estado es { $state }. Las renovaciones, reducciones, claves y reembolsos de lo vendido siguen adelante.
    .advice = Use otro proveedor, o que el proveedor invite de nuevo al revendedor.

admin_access_already_removed = El acceso de administrador ya se había retirado
    .detail = El proveedor no tiene acceso de administrador a la cuenta del revendedor.
    .advice = No queda nada por hacer; la asociación sigue como está.

admin_access_not_removed = El acceso de administrador no se ha retirado
    .detail = El proveedor tiene acceso de administrador a la cuenta del revendedor.
    .advice = No hay nada que restaurar.

invitation_unknown = No existe tal invitación
    .detail = Ninguna invitación de este mercado tiene este token.
    .advice = Copie entero el enlace del correo, sin cambios, y compruebe que lleva a este mercado; si no, pida al proveedor una invitación nueva.

invitation_for_another_reseller = La invitación es para otro revendedor
    .detail = El proveedor nombró al revendedor que invita, y no es aquel por el que habla este token.
    .advice = Use un cliente del revendedor invitado, o pida al proveedor una invitación propia.

invitation_expired = La invitación ha caducado
    .detail = Se podía responder hasta { $expiredAt }.
    .advice = Pida al proveedor una invitación nueva.

invitation_already_used = La invitación ya se ha usado
    .detail = Se aceptó el { $answeredAt }; una invitación funciona una sola vez.
    .advice = Vea en `GET /v1/indirect-provider-links` qué resultó de ella.

invitation_cancelled = La invitación se ha cancelado
    .detail = El proveedor la retiró el { $answeredAt }.
    .advice = Pida al proveedor una invitación nueva.

invitation_declined = La invitación se ha rechazado
    .detail = Se rechazó el { $answeredAt }.
    .advice = Si fue un error, pida al proveedor una invitación nueva.

offer_not_available = La oferta no se puede vender
    .detail = La oferta { $offer } no se vende ahora.
    .advice = Elija una oferta de `GET /v1/offers`.

term_not_available = La oferta no tiene ese plazo
    .detail = La oferta { $offer } no se vende por ese plazo con ese ciclo de facturación.
    .advice = Elija uno de los `terms` de `GET /v1/offers/(id)`.

price_not_available = La oferta no tiene precio
    .detail = La fuente del catálogo no da precio para { $offer }.
    .advice = Figura en la lista y solo se puede actualizar a ella si tiene precio. Elija otra oferta de `GET /v1/offers` o pida al operador que importe un precio.

seat_cap_exceeded = Más puestos de los que el plan admite por inquilino
    .detail = El plan { $plan } admite { $cap } puestos por inquilino; serían { $seats }.
    .advice = Pida menos puestos o actualice a un plan con un límite mayor: vea `GET /v1/offers/(id)/upgrades`.

plan_family_conflict = Planes de dos familias en un inquilino
    .detail = El inquilino tiene planes de la familia { $held }; este es de la familia { $family }.
    .advice = Elija un plan de la misma familia, actualice a todos los usuarios a la otra o use otro inquilino.

upgrade_not_allowed = No existe esa actualización
    .detail = La tabla de actualizaciones no lleva de { $from } a { $to }.
    .advice = Elija una de `allowed` en `context`; está vacía cuando no hay ninguna actualización.

upgrade_requires_all_users = Pasan todos los usuarios o ninguno
    .detail = { $to } es de otra familia que { $from }.
    .advice = Actualice juntas todas las suscripciones de esa familia del inquilino.

upgrade_channel_not_supported = Este canal no admite actualizaciones
    .detail = La tabla de actualizaciones { $table } no sirve lo comprado por { $channel }.
    .advice = `channels` en `context` nombra los que sirve. Si no, deje terminar la suscripción y compre el otro plan.

subscription_limit_reached = El inquilino tiene todas las suscripciones que puede tener
    .detail = Un inquilino puede tener { $limit } suscripciones.
    .advice = Agregue puestos a una suscripción que ya exista, o use otro inquilino.

partner_of_record_invalid = No es el revendedor de registro
    .detail = El socio de registro es un revendedor activo, con una asociación vigente con el proveedor, del que este es cliente.
    .advice = Indique uno de los `choices` de `context` como `partnerIdOnRecord`; si está vacío, omita el campo.

order_not_cancellable = El pedido no está en espera
    .detail = El pedido está en estado { $state }; solo se cancela lo que está en espera.
    .advice = Lo completado se devuelve con un reembolso, o cancelando su suscripción.

subscription_not_active = La suscripción no está activa
    .detail = La suscripción está en estado { $state }.
    .advice = Reanude primero la suspendida y renueve la prorrogada; lo que terminó se compra de nuevo.

subscription_not_suspended = La suscripción no está suspendida
    .detail = La suscripción está en estado { $state }.
    .advice = No hay nada que reanudar.

seat_decrease_window_closed = Estos puestos ya no se pueden devolver
    .detail = Se pedía quitar { $fewer } puestos; { $openSeats } están en lotes cuya ventana sigue abierta.
    .advice = No quite más de los que tienen los `openBatches` de `context`, o prográmelo con `"effective": "endOfTerm"`.

seat_quantity_unchanged = La suscripción ya tiene esos puestos
    .detail = Ahora hay { $quantity } puestos.
    .advice = Envíe los puestos que debe haber, no la diferencia.

seats_exceed_subscription = La suscripción tiene menos puestos
    .detail = La suscripción tiene { $seats } puestos.
    .advice = Mueva como mucho esos, u omita `quantity` para moverlos todos.

software_seats_fixed = Las licencias de software no son puestos
    .detail = Es software local: su cantidad no cambia después de la compra.
    .advice = Pida más licencias, o solicite el reembolso de la línea en `POST /v1/refunds`.

extension_not_available = Este plan no se puede prorrogar
    .detail = { $offer } no tiene precio para un mes de prórroga.
    .advice = Elija `renew` o `cancel`.

nothing_scheduled = No hay nada programado
    .detail = Nada de esta suscripción cambia al final de su plazo.
    .advice = No queda nada por hacer.

renewal_not_payable = La renovación no espera ningún pago
    .detail = La renovación está en estado { $state }.
    .advice = Una programada se abre en el `opensAt` de `context`; lo pagado o cancelado no necesita nada.

payment_by_transacting_partner = Solo el partner que compra registra esto
    .detail = Los pagos de una renovación los registra el partner que compra al marketplace; el revendedor del registro los lee.
    .advice = Pida al proveedor que lo registre.

renewal_payment_pending = Hay una renovación sin pagar
    .detail = El periodo que ha empezado está facturado y su pago sigue abierto.
    .advice = Registre el pago en `POST /v1/renewals/(id)/payments` con el `renewalId`; después cambie de plan.

renewal_payment_overdue = Hay una renovación vencida
    .detail = La suscripción se suspendió porque una renovación no se pagó a tiempo.
    .advice = Registre el pago en `POST /v1/renewals/(id)/payments`: la suscripción se reanuda por sí sola.

payment_amount_differs = No es lo que se debe
    .detail = Una renovación se paga en un solo importe, todo lo que se debe.
    .advice = Pague exactamente el `owed` de `context`.

signal_unknown = No existe esa señal
    .detail = La guía de ventas no tiene la señal { $signal }; tiene { $allowed }.
    .advice = Quítela o tome una de `allowed` en `context`.

sales_guide_missing = No hay guía de ventas
    .detail = Ningún catálogo importado tiene una guía de ventas vigente.
    .advice = Pida al operador que importe un catálogo que la tenga: `lonja catalog import`.

open_agreement_not_signed = El contrato Open no está firmado
    .detail = El cliente no ha firmado el contrato { $agreementId }.
    .advice = Lo firma un administrador global del cliente: `POST /v1/open/agreements/{"{"}id{"}"}:sign`.

open_agreement_already_signed = El contrato Open ya está firmado
    .detail = Se firmó el { $signedAt }.
    .advice = No queda nada por hacer.

open_agreement_expired = El plazo del contrato Open ha terminado
    .detail = El contrato { $agreementId } terminó el { $endedAt }.
    .advice = Haga un contrato nuevo con el cliente; lo que se compró con el anterior se conserva.

open_order_required = En Open esto requiere un pedido con un contrato
    .detail = Lo que se compra en Open llega como claves: los puestos y los años siguientes igual que los primeros.
    .advice = Haga el pedido con el contrato del cliente: `POST /v1/open/orders`.

partner_not_mospa = El partner registrado no está habilitado como asesor
    .detail = El partner { $partnerId } no está habilitado para asesorar a clientes (MOSPA).
    .advice = Pida al operador que lo habilite como asesor.

key_retrieval_forbidden = Solo el cliente y el reseller indicado recuperan esta clave
    .detail = El pedido indica al reseller { $resellerId }.
    .advice = Déjelo al cliente o a ese reseller.

key_unknown = No existe esa clave
    .detail = Esta clave no es suya, o nunca se recuperó.
    .advice = Compárela carácter por carácter con la clave que se recuperó.

key_repeated = La clave está dos veces en la lista
    .detail = Es la misma clave que otra anterior de la lista.
    .advice = Indique cada clave una sola vez.

key_already_redeemed = La clave ya está canjeada
    .detail = Se canjeó el { $redeemedAt }.
    .advice = Quítela de la lista; su suscripción ya ha comenzado.

redemption_customers_differ = Estas claves son de varios clientes
    .detail = Un canje es para una sola organización, y esta clave es de otro cliente que la primera de la lista.
    .advice = Canjee por separado las claves de cada cliente.

refund_not_allowed_key_activated = No se devuelve nada una vez canjeada la clave
    .detail = La clave se canjeó, y su suscripción { $subscriptionId } ya ha comenzado.
    .advice = Deje que la suscripción llegue a su fin. Solo se cancelan y abonan las claves sin canjear.

advisor_rate_out_of_bounds = Fuera de los límites de la comisión de asesor
    .detail = La comisión del primer año va del { $from } al { $to } % de las ventas, con dos decimales como máximo.
    .advice = Indique un porcentaje dentro de esos límites.

advisor_agreement_exists = Ya hay un acuerdo
    .detail = Este socio ya es asesor de este cliente, por el acuerdo { $agreementId }.
    .advice = Vea `GET /v1/advisor-agreements`.

license_bound_to_tenant = Una licencia se queda con su inquilino
    .detail = Esta licencia está vinculada para siempre al inquilino { $tenantId }.
    .advice = Cómprela de nuevo para el otro inquilino: `order` es el cuerpo para `POST /v1/orders`.

combination_not_available = No existe esa versión, idioma y número de bits
    .detail = El producto no viene en esta combinación; `available` enumera las que hay.
    .advice = Elija una combinación de `available`.

downgrade_not_permitted = Esta versión es demasiado antigua para la licencia
    .detail = La licencia permite retroceder como máximo { $depth } versiones desde la que se compró.
    .advice = Elija una de `available`.
key_type_not_available = Este tipo de clave no existe aquí
    .detail = Las claves del programa CSP son MAK.
    .advice = Use el tipo MAK.

key_format_invalid = No es una clave de producto
    .detail = Una clave de producto son cinco grupos de cinco caracteres de BCDFGHJKMNPQRTVWXY2346789.
    .advice = Revise si hay caracteres parecidos en la clave.

awaiting_stock = No hay claves en existencia
    .detail = La compra espera existencias de este producto y versión.
    .advice = Elija una versión de `inStock`, o inténtelo cuando el operador haya repuesto existencias.

key_revoked = La clave fue revocada
    .detail = La compra se canceló y su clave se revocó el { $revokedAt }.
    .advice = Compre el software de nuevo.

key_reveal_limit_reached = Se revelaron demasiadas claves de producto
    .detail = En 24 horas se pueden revelar { $limit } claves de producto (por cada { $per ->
            [client] cliente
           *[partner] socio
        }); la siguiente, el { $nextAt }.
    .advice = Espere hasta entonces. Quien opera este mercado puede subir el límite.

key_already_assigned = La clave ya estaba asignada
    .detail = Esta compra ya tiene su clave, para la versión { $version }.
    .advice = Muestre la clave de la versión { $version }.

csv_heading_missing = Al archivo le faltan columnas
    .detail = La primera línea debe nombrar las columnas; faltan: { $columns }.
    .advice = Ponga los nombres de las columnas en la primera línea, separados por comas o puntos y comas.
risk_not_acknowledged = No se ha aceptado el riesgo
    .detail = Quien tiene el enlace tiene aquello a lo que lleva. Las claves de producto y el software son muy buscados: un enlace reenviado o encontrado lo usan o lo venden otros.
    .advice = Envíe el enlace solo al cliente, por un medio que otros no lean; ponga `acknowledgeRisk` en true.
media_not_available = No hay ningún archivo para esta elección
    .detail = El catálogo tiene esta combinación, pero no hay ningún archivo incluido para ella.
    .advice = Elija otra combinación, o pida al operador que incluya el archivo (`lonja media import`).
media_missing = El archivo no está ahora
    .detail = El archivo se movió o cambió desde que se incluyó, y no se sirve.
    .advice = No se ha contado nada. Inténtelo más tarde; si continúa, avise al operador.
link_expired = El enlace ha caducado
    .detail = Era válido hasta { $expiredAt }.
    .advice = Pida uno nuevo a quien se lo envió.
link_used_up = El enlace se ha usado tantas veces como se permite
    .detail = Era válido para { $limit } usos.
    .advice = Pida uno nuevo a quien se lo envió. Si no lo ha usado usted, avísele: lo ha usado otra persona.
link_withdrawn = El enlace se ha retirado
    .detail = Quien lo creó lo ha retirado.
    .advice = Pregunte a quien se lo envió.
refund_window_closed = El plazo de reembolso está cerrado
    .detail = El plazo de esta compra se cerró el { $closedAt }.
    .advice = Elija el fin de vigencia para que no se renueve.

refund_already_open = Ya hay un reembolso para esta línea
    .detail = El reembolso { $refundId } es de la misma línea de pedido.
    .advice = Vea `GET /v1/refunds/{ $refundId }`.

refund_amount_exceeds_quote = Se pide más de lo que da la cotización
    .detail = La cotización es de { $quote }.
    .advice = Pida como máximo { $quote }.

refund_not_possible = Esto no se puede reembolsar
    .detail = La compra está en estado { $state }.
    .advice = Elija una línea de pedido completada y no cancelada.

refund_request_required = El software se devuelve con una solicitud de reembolso
    .detail = Es software local: cancelarlo requiere una solicitud de reembolso con sus motivos.
    .advice = Solicítelo en `POST /v1/refunds`, con el `orderId` de `context`.

refund_review_required = Aquí los reembolsos se revisan
    .detail = Las licencias pagadas se devuelven con un reembolso que se revisa, no cambiando su número.
    .advice = Solicítelo en `POST /v1/refunds`, con `subscriptionId` y `quantity` de `context`; o reduzca a partir del final del plazo.

refund_customer_mismatch = La compra es de otro cliente
    .detail = El pedido no se hizo para el cliente que nombra la solicitud.
    .advice = Nombre al cliente del pedido por su nombre, o por el GUID o un dominio de uno de sus inquilinos.

refund_not_open = El reembolso ya está decidido
    .detail = Su estado es { $state }.
    .advice = Solo se puede aprobar, rechazar o retirar lo que está solicitado o en revisión.

partial_quantity_not_allowed = Solo se puede devolver todo
    .detail = La política { $policy } acepta la cantidad entera, { $quantity }, o nada.
    .advice = Omita `quantity` y, si es lo que se quiere, pida menos dinero.

product_not_refundable = Este producto se vende sin derecho a devolución
    .detail = Sus condiciones de venta no conceden reembolso.
    .advice = Fije en su lugar el fin del plazo, para que no se renueve.

attachment_limit = Hay demasiados archivos
    .detail = Cada cosa tiene como máximo { $limit }.
    .advice = Reúna varias páginas en un solo PDF.

attachment_not_base64 = El archivo no está en base64
    .detail = `content` tiene caracteres ajenos a base64 o está cortado.
    .advice = Envíe sus bytes en base64 (RFC 4648, sección 4), sin saltos de línea.

attachment_type_not_allowed = No se aceptan archivos de este tipo
    .detail = Sus bytes dicen { $found }. Se aceptan: { $allowed }.
    .advice = Envíelo como PDF, PNG o JPEG.

attachment_type_differs = El archivo no es lo que se dice
    .detail = Se declara { $declared } y sus bytes dicen { $found }.
    .advice = Ponga en `contentType` lo que el archivo es.

event_type_unknown = No existe ese tipo de evento
    .detail = Ningún evento tiene este tipo; el más parecido es `{ $nearest }`.
    .advice = Tome un tipo de la sección de webhooks del documento, como `order.placed`, o `order.*` para todos los de una cosa.

webhook_url_invalid = La URL no puede ser un receptor
    .detail = Se esperaba: { $expected }.
    .advice = Indique la dirección completa de su receptor, como https://hooks.example.com/lonja.

webhook_address_not_allowed = La dirección no está permitida
    .detail = La dirección no está en la internet pública.
    .advice = Indique una dirección pública; el operador puede permitir una red con `webhooks.allowed_networks`.

webhook_endpoint_disabled = El punto de webhook está desactivado
    .detail = El punto de webhook está desactivado y no se le envía nada.
    .advice = Actívelo primero: PATCH con `"state": "enabled"`.

webhook_endpoint_limit = Hay demasiados puntos de webhook
    .detail = Ya hay { $most }.
    .advice = Elimine uno que ya no se use.

delivery_pending = La entrega está en curso
    .detail = El próximo intento está previsto para { $nextAttemptAt }.
    .advice = Espérelo; vuelva a entregar cuando se haya entregado o haya fallado.

clock_cannot_go_back = El reloj no puede retroceder
    .detail = La hora de este entorno de pruebas es { $now }.
    .advice = Elija un instante posterior.

clock_busy = El reloj se está moviendo
    .detail = Otra llamada está moviendo el reloj de este sandbox, y se está haciendo lo que vence entretanto.
    .advice = Espere a que responda la otra llamada.

gcc_indirect_reseller_must_use_provider = Un revendedor indirecto va a través de su proveedor
    .detail = Solo los asociados de facturación directa y los proveedores indirectos se validan para la nube gubernamental; un revendedor indirecto vende a través de su proveedor.
    .advice = Pida a su proveedor que envíe `POST /v1/gcc/partner-validations`; después envíe a sus clientes con el id. de inquilino comercial de él. `POST /v1/gcc/eligibility` enumera cada paso.

gcc_azure_gov_tenant_refused = Este es el inquilino de Azure Government
    .detail = El id. de inquilino indicado es el que { $company } tiene en Azure Government; las validaciones usan el comercial (global).
    .advice = Envíe el id. de inquilino comercial del asociado que hará la transacción; `context.commercialTenantId` lo contiene si está registrado.

gcc_wrong_transacting_tenant = El id. de inquilino no es del asociado que hace la transacción
    .detail = El id. de inquilino indicado no es el comercial de { $through ->
            [provider] un proveedor con el que tenga un vínculo
           *[other] su propia empresa
        }, tal como está registrado.
    .advice = `context.transacting` enumera quién puede hacer la transacción, con el id. de inquilino de cada uno. Si es nulo, el asociado lo registra con `PATCH /v1/partners/{ "{id}" }`; si la lista está vacía, vincúlese primero con un proveedor.

gcc_partner_not_qualified = El asociado no está cualificado para la nube gubernamental
    .detail = { $company } no ha sido validado para la nube gubernamental.
    .advice = El asociado que hace la transacción envía `POST /v1/gcc/partner-validations`; la respuesta llega en dos días hábiles.

gcc_partner_already_qualified = El asociado ya está cualificado
    .detail = Su empresa está cualificada para la nube gubernamental desde { $since }.
    .advice = Continúe con sus clientes: `POST /v1/gcc/customer-validations`.

gcc_country_not_us = La organización no está en Estados Unidos
    .detail = La nube gubernamental es para organizaciones de Estados Unidos; el país indicado es { $country }.
    .advice = Envíe la organización con su dirección en Estados Unidos, o elija ofertas fuera de la nube gubernamental.

gcc_controlled_data_required = Falta la clase de datos controlados
    .detail = Una entidad privada se cualifica por los datos controlados del gobierno que posee.
    .advice = Indique la clase en `controlledData` y demuéstrela en `evidence`.

gcc_controlled_data_not_asked = Aquí no se pide una clase de datos controlados
    .detail = `controlledData` es para la categoría `privateEntity`; la categoría indicada es { $category }.
    .advice = Omita `controlledData`, o elija la categoría adecuada.

gcc_organization_differs = La organización no es el cliente
    .detail = Se indica { $given } y el cliente está registrado como { $recorded }; a ese se le revisa para la nube gubernamental.
    .advice = Use el nombre registrado. En una validación también puede omitir `customerId`: la aprobación dará entonces un código de validación para la organización.

gcc_organization_already_validated = La organización ya está validada
    .detail = A su código de validación { $validationCode } le quedan { $remainingCreates } usos; nadie se valida dos veces.
    .advice = Cree el cliente con `gccValidationCode`, o cualifique a uno existente con `PUT /v1/customers/{ "{id}" }/qualifications/government-community-cloud`.

gcc_validation_already_open = Ya hay una validación abierta
    .detail = Esta empresa ya tiene una validación sin decidir; una sola cubre Office 365, Dynamics 365, EMS y Power BI.
    .advice = Espere su respuesta, o retírela; `context.validationId` la nombra si es suya.

gcc_validation_state_not_allowed = La validación está en otro estado
    .detail = Está en { $state }; esto se puede hacer mientras está en { $allowed }.
    .advice = Lea de nuevo la validación: puede que alguien la haya decidido entretanto. Una vez decidida, envíe una nueva.

gcc_code_exhausted = El código de validación está agotado
    .detail = Se han gastado los { $maxCreates } usos del código de { $organization }.
    .advice = Envíe de nuevo la organización con `POST /v1/gcc/customer-validations` e indique cuántos clientes se necesitan.

gcc_code_wrong_organization = El código es de otra organización
    .detail = El código es de { $validated } en Estados Unidos; el cliente es { $customer } en { $country }.
    .advice = Use el código de esta organización, o envíela con `POST /v1/gcc/customer-validations`.

gcc_code_withdrawn = El código de validación fue retirado
    .detail = El operador ha retirado este código; con él ya no se cualifica a nadie.
    .advice = Lea el correo que dice por qué; después envíe de nuevo la organización con `POST /v1/gcc/customer-validations`.

gcc_customer_already_qualified = El cliente ya está cualificado
    .detail = El cliente tiene una cualificación, y solo puede tener una.
    .advice = No falta nada: ya se pueden pedir para él ofertas de la nube gubernamental.

gcc_customer_not_validated = El cliente no está validado para la nube gubernamental
    .detail = Las ofertas de la nube gubernamental se venden solo a clientes validados, y este no lo está.
    .advice = `POST /v1/gcc/eligibility` con el cliente enumera cada paso que falta; el habitual es `POST /v1/gcc/customer-validations`. Una validación abre Office 365, Dynamics 365, EMS y Power BI.
