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
