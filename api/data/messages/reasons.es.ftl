# Por qué una respuesta es la que es: de recomendaciones, actualizaciones y comparaciones.

few_users = { $users } usuarios: una organización de hasta { $limit } es pequeña.
many_users = { $users } usuarios: con más de { $limit } no es pequeña.
growing = La organización crece y se trata como mayor de lo que es.
basic_it = Sus necesidades de TI son básicas.
advanced_it = Sus necesidades de TI son avanzadas, lo que cuenta como más usuarios.
wants_mail = Quiere correo electrónico en la nube.
wants_desktop_apps = Quiere Office en el escritorio.
wants_both_or_other = Quiere las dos cosas, u otro servicio.
over_the_cap = El plan admite { $cap } puestos como máximo; hay { $users } usuarios.
no_price_listed = La fuente del catálogo no da precio: figura en la lista y no se puede pedir.
not_sold_in_currency = El plan no se vende ahora en { $currency }.

same_family = Ambos planes son de la familia { $family }: pueden pasar algunos usuarios o todos.
other_family = Los planes son de las familias { $from } y { $to }: pasan todos los usuarios del inquilino o ninguno.
channel_not_served = La tabla de actualizaciones { $table } sirve { $channels }, no { $channel }.
channel_served = La tabla de actualizaciones { $table } sirve { $channel }.

advisor_bills_vendor = Factura el fabricante. El asesor recibe del { $from } al { $to } % de las ventas del primer año y el { $later } % de las de cada año siguiente mientras el cliente siga.
reseller_bills_reseller = Factura el revendedor: gana su precio menos el del proveedor, cada año.
services_extra = Los servicios se suman en ambos modelos, tal como se indican: una vez el primer año o cada año.
sales_at_list_price = Las ventas son el precio de lista de cada ciclo de facturación por los puestos, tantas veces como se paga al año; sin impuestos y sin cambios de precio ni de puestos.
rounded_once = Cada parte se redondea una vez por año, la mitad hacia arriba.

# What is missing for an order of the government cloud.
gcc_step_activate_partner = Su empresa no está activa: su `nextStep` dice qué la hace avanzar.
gcc_step_invite_reseller = No tiene vínculo con ningún proveedor. Un revendedor indirecto vende en la nube gubernamental a través de su proveedor: pida a uno que le invite. `GET /v1/indirect-providers` enumera los de su región.
gcc_step_authorize_link = Autorice al proveedor que le ha invitado, con el código de su correo.
gcc_step_reinstate_seller = El operador ha detenido a { $company }.
gcc_step_record_tenant_id = { $company } no tiene registrado un id. de inquilino comercial.
gcc_step_submit_partner_validation = El asociado que hace la transacción no está cualificado para la nube gubernamental: envía su propia validación.
gcc_step_answer_about_partner = El revisor ha preguntado sobre { $company }; el plazo se detiene hasta que llegue la respuesta.
gcc_step_approve_partner_validation = El revisor decide sobre el asociado en dos días hábiles.
gcc_step_submit_customer_validation = La organización no está validada para la nube gubernamental: envíela con el id. de inquilino del asociado que hará la transacción.
gcc_step_answer_about_customer = El revisor ha preguntado sobre { $organization }; el plazo se detiene hasta que llegue la respuesta.
gcc_step_approve_customer_validation = El revisor decide sobre la organización en dos días hábiles.
gcc_step_create_customer = Cree el cliente con su código de validación: queda cualificado en el mismo paso. Después pregunte de nuevo con su `customerId`.
gcc_step_use_validation_code = { $organization } está validada: cualifique al cliente con el código.
gcc_step_ask_customer = { $organization } no ha aceptado a { $company }: pídaselo; acepta con el enlace de su correo.
gcc_step_attest_agreement = El cliente no ha aceptado el Contrato de cliente de Microsoft: el asociado que hace la transacción da fe de que lo ha aceptado.
gcc_step_create_tenant = El cliente no tiene un inquilino activo para las licencias.
gcc_step_not_in_united_states = { $organization } está en { $country }: la nube gubernamental es para organizaciones de Estados Unidos.
gcc_step_other_region = Un asociado de { $seller } no puede vender a un inquilino de { $customer }: hace falta otro vendedor.
gcc_step_wait_for_customer = Se ha pedido al cliente que acepte a { $company } y aún no ha respondido. La solicitud se puede volver a enviar; cuando acepte, se puede seguir.
gcc_step_order_refused = No falta nada de la nube gubernamental, pero este pedido se rechazaría: { $reasons }. Su vista previa da todos los motivos y qué hacer.
