-- The routing of kamailio-lua.cfg: calls to the set "carriers", with failover.
-- Two ways are shown: INVITEs are left to frt_relay(), which needs no failure
-- route; everything else makes the same steps in the script.
-- Whoever reaches Kamailio can place calls: kamailio-full.cfg shows how to let
-- only customers in.
-- Every function returns 1 or a negative number: compare with > 0, since in
-- Lua a negative number is true.

local frt = KSR.failover_route

-- Any words of your own; they are in no message.
local secret = "change me"

-- A To tag and a Route header are easily forged: the Record-Route header has a sum
-- that only this server can make, for this call. Without it nothing is relayed
-- inside of a dialog.
local function sum()
	KSR.pv.sets("$var(known)", KSR.pv.gete("$ci") .. secret)
	return KSR.pv.gete("$(var(known){s.md5})")
end

local function is_routed_by_us()
	return not KSR.pv.is_null("$route_uri")
		and KSR.pv.gete("$(route_uri{uri.param,sum})") == sum()
end

function ksr_request_route()
	if KSR.maxfwd.process_maxfwd(10) < 0 then
		KSR.sl.sl_send_reply(483, "Too Many Hops")
		return 1
	end
	if KSR.is_CANCEL() then
		if KSR.tm.t_check_trans() > 0 then
			KSR.tm.t_relay()
		end
		return 1
	end
	if KSR.siputils.has_totag() > 0 then
		return route_in_dialog()
	end
	-- a retransmission gets the answer again; nothing is done twice
	if KSR.tm.t_check_trans() == 0 then
		return 1
	end

	-- a destination does not call itself: what comes from one is refused
	if frt.frt_is_from("carriers") > 0 then
		KSR.sl.sl_send_reply(403, "Forbidden")
		return 1
	end
	if KSR.is_method_in("IS") then
		KSR.rr.record_route()
		KSR.rr.add_rr_param(";sum=" .. sum())
	end
	if KSR.is_INVITE() then
		return route_relay()
	end
	return route_steps()
end

-- Requests inside of a dialog follow the dialog's own route.
function route_in_dialog()
	if is_routed_by_us() and KSR.rr.loose_route() > 0 then
		KSR.tm.t_relay()
	elseif KSR.is_ACK() then
		if KSR.tm.t_check_trans() > 0 then
			KSR.tm.t_relay()
		end
	else
		KSR.sl.sl_send_reply(404, "Not Here")
	end
	return 1
end

-- One line. frt_relay_key("carriers", key) takes the key of strategy="hash".
function route_relay()
	local rc = frt.frt_relay("carriers")
	if rc < 0 then
		no_destination(rc)
	end
	return 1
end

-- The same in steps.
function route_steps()
	local rc = frt.frt_select_key("carriers", KSR.pv.gete("$fU"))
	if rc < 0 then
		no_destination(rc)
		return 1
	end
	KSR.tm.t_on_failure("ksr_failure_carriers")
	while KSR.tm.t_relay() < 0 do
		-- it could not even be sent
		rc = frt.frt_next()
		if rc < 0 then
			no_destination(rc)
			return 1
		end
	end
	return 1
end

function ksr_failure_carriers()
	if KSR.tm.t_is_canceled() > 0 then
		return 1
	end
	if frt.frt_should_failover() < 0 or frt.frt_next() < 0 then
		KSR.notice(KSR.pv.gete("$ci") .. " ends: " .. KSR.pv.gete("$frt(path)") .. "\n")
		return 1
	end
	KSR.tm.t_on_failure("ksr_failure_carriers")
	KSR.tm.t_relay()
	return 1
end

function no_destination(rc)
	KSR.err("no destination for " .. KSR.pv.gete("$ru") .. ": " .. rc .. "\n")
	KSR.sl.send_reply(500, "No Destination")
end

-- name is the event route's: "failover_route:dst-down" and so on.
function ksr_failover_route_event(name)
	local what = KSR.pv.gete("$frt(event.set)")
	local destination = KSR.pv.gete("$frt(event.destination)")
	if destination ~= "" then
		what = what .. "/" .. destination
	end
	KSR.notice(name .. " " .. what .. ": " .. KSR.pv.gete("$frt(event.reason)") .. "\n")
	return 1
end
