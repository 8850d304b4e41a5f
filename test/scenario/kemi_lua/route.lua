-- The routing script of the scenario kemi_lua.
local frt = KSR.failover_route

-- every function answers 1 or a negative number, never 0
local function word(answer)
	if answer == 1 then return "yes" end
	if answer < 0 then return "no" end
	return "zero"
end

function ksr_request_route()
	if KSR.is_CANCEL() then
		if KSR.tm.t_check_trans() > 0 then KSR.tm.t_relay() end
		return 1
	end
	if KSR.siputils.has_totag() > 0 then
		if KSR.rr.loose_route() > 0 then KSR.tm.t_relay()
		elseif KSR.is_ACK() and KSR.tm.t_check_trans() > 0 then KSR.tm.t_relay() end
		return 1
	end
	if KSR.is_ACK() then
		if KSR.tm.t_check_trans() > 0 then KSR.tm.t_relay() end
		return 1
	end
	KSR.tm.t_check_trans()
	KSR.rr.record_route()
	local user = KSR.pv.get("$rU")
	if user == "900" then
		KSR.sl.send_reply(200, "up=" .. word(frt.frt_is_up("carriers"))
			.. " gw1=" .. word(frt.frt_is_up_dst("carriers", "gw1"))
			.. " from=" .. word(frt.frt_is_from("carriers"))
			.. " exists=" .. word(frt.frt_exists("carriers"))
			.. " none=" .. word(frt.frt_exists("nobody")))
	elseif user == "901" then
		frt.frt_mark_dst("down", "carriers", "gw1")
		KSR.sl.send_reply(200, "marked")
	elseif string.sub(user, 1, 1) == "2" then
		if frt.frt_select("carriers") < 0 then
			KSR.sl.send_reply(500, "None")
			return 1
		end
		KSR.tm.t_on_failure("ksr_failure")
		KSR.tm.t_relay()
	elseif frt.frt_relay(string.sub(user, 1, 1) == "3" and "parallel" or "carriers") < 0 then
		KSR.sl.send_reply(500, "No destination")
	end
	return 1
end

function ksr_failure()
	if KSR.tm.t_is_canceled() > 0 then return 1 end
	if KSR.tm.t_check_status("407") > 0 and frt.frt_again() > 0 then
		KSR.tm.t_on_failure("ksr_failure")
		KSR.tm.t_relay()
		return 1
	end
	if frt.frt_should_failover() > 0 and frt.frt_next() > 0 then
		KSR.notice("in lua: " .. KSR.pv.get("$frt(path)") .. "\n")
		KSR.tm.t_on_failure("ksr_failure")
		KSR.tm.t_relay()
	end
	return 1
end

function ksr_event(name)
	KSR.notice("in lua: event " .. name .. " " .. KSR.pv.gete("$frt(event.destination)") .. "\n")
	return 1
end
