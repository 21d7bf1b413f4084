using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>What scheduler and kubelet do to a pod, at a test's word.</summary>
public sealed class NodeDouble(PodStore pods, ContainerLogs logs)
{
    // Nobody listens there.
    private const string Nowhere = "127.0.0.2";

    /// <summary>A node has it, and its container runs.</summary>
    public void Run(string pod, string address = Nowhere)
    {
        logs.Begin(pod);
        pods.Change(
            pod,
            it =>
            {
                it["spec"]!["nodeName"] = "node-1";
                it["status"]!["phase"] = "Running";
                it["status"]!["podIP"] = address;
                Container(it, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = PodStore.Now() } }, isReady: false);
            }
        );
    }

    public void Ready(string pod, bool isReady = true) =>
        pods.Change(
            pod,
            it =>
            {
                Condition(it, "Ready", isReady ? "True" : "False", isReady ? null : "ContainersNotReady", null);
                it["status"]!["containerStatuses"]![0]!["ready"] = isReady;
            }
        );

    /// <summary>Its node is not heard of any more.</summary>
    public void Miss(string pod) => pods.Change(pod, it => Condition(it, "Ready", "False", null, null));

    public void RunReady(string pod, string address = Nowhere)
    {
        Run(pod, address);
        Ready(pod);
    }

    /// <summary>Its container waits.</summary>
    public void Wait(string pod, string reason, string message) =>
        pods.Change(
            pod,
            it =>
            {
                it["spec"]!["nodeName"] = "node-1";
                Container(
                    it,
                    new JsonObject
                    {
                        ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = message },
                    },
                    isReady: false
                );
            }
        );

    public void Unschedulable(string pod, string message) =>
        pods.Change(pod, it => Condition(it, "PodScheduled", "False", "Unschedulable", message));

    /// <summary>Its run ends; <see cref="BackOff"/> or <see cref="Restart"/> follows.</summary>
    public void Crash(string pod, int exitCode, string reason = "Error", string message = "", int lasted = 1)
    {
        logs.End(pod);
        pods.Change(
            pod,
            it =>
            {
                Condition(it, "Ready", "False", "ContainersNotReady", null);
                Container(it, new JsonObject { ["terminated"] = Ended(exitCode, reason, message, lasted) }, isReady: false);
            }
        );
    }

    /// <summary>Its start-up probe gives up: a kubelet ends the container and starts it again in one step, and tells only what is then.</summary>
    public void GiveUp(string pod, int exitCode, int lasted)
    {
        logs.End(pod);
        logs.Begin(pod);
        pods.Change(
            pod,
            it =>
            {
                var container = it["status"]!["containerStatuses"]![0]!;
                container["lastState"] = new JsonObject { ["terminated"] = Ended(exitCode, "Error", "", lasted) };
                container["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = PodStore.Now() } };
                container["started"] = false;
                container["restartCount"] = (int)container["restartCount"]! + 1;
            }
        );
    }

    public void BackOff(string pod, string pause)
    {
        logs.Wait(pod);
        pods.Change(pod, it => SetBackOff(pod, pause, it));
    }

    public void Restart(string pod)
    {
        logs.Begin(pod);
        TellRestart(pod);
    }

    /// <summary>Its container runs anew, and the API server hears of it: that comes later than what logs show of it.</summary>
    public void TellRestart(string pod) =>
        pods.Change(
            pod,
            it =>
            {
                var container = it["status"]!["containerStatuses"]![0]!;
                if (container["state"]!["waiting"] is null)
                    container["lastState"] = container["state"]!["terminated"] is null
                        ? new JsonObject { ["terminated"] = Ended(1, "Error", "", 1) }
                        : container["state"]!.DeepClone();
                container["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = PodStore.Now() } };
                container["restartCount"] = (int)container["restartCount"]! + 1;
            }
        );

    /// <summary>The node throws it out; the object stays.</summary>
    public void Evict(string pod, string message)
    {
        logs.End(pod);
        pods.Change(
            pod,
            it =>
            {
                it["status"]!["phase"] = "Failed";
                it["status"]!["reason"] = "Evicted";
                it["status"]!["message"] = message;
            }
        );
    }

    /// <summary>Somebody takes it away who is not its owner, and says why first: a drain, a taint, a pod of more priority.</summary>
    public void TakeAway(string pod, string reason, string message)
    {
        pods.Change(pod, it => Condition(it, "DisruptionTarget", "True", reason, message));
        pods.Delete(pod, null, null);
    }

    /// <summary>Its container has ended after it was asked to, and the object goes.</summary>
    public void Finish(string pod, int exitCode = 0)
    {
        Crash(pod, exitCode, exitCode == 0 ? "Completed" : "Error");
        pods.Remove(pod);
    }

    private static void SetBackOff(string pod, string pause, JsonObject it)
    {
        var container = it["status"]!["containerStatuses"]![0]!;
        container["lastState"] = container["state"]!.DeepClone();
        container["state"] = new JsonObject
        {
            ["waiting"] = new JsonObject
            {
                ["reason"] = "CrashLoopBackOff",
                ["message"] = $"back-off {pause} restarting failed container=serving pod={pod}",
            },
        };
    }

    private static JsonObject Ended(int exitCode, string reason, string message, int lasted) =>
        new()
        {
            ["exitCode"] = exitCode,
            ["reason"] = reason,
            ["message"] = message,
            ["startedAt"] = PodStore.Now(TimeSpan.FromSeconds(-lasted)),
            ["finishedAt"] = PodStore.Now(),
        };

    private static void Container(JsonObject pod, JsonObject state, bool isReady)
    {
        var before = pod["status"]!["containerStatuses"]?[0];
        pod["status"]!["containerStatuses"] = new JsonArray(
            new JsonObject
            {
                ["name"] = "serving",
                ["image"] = "",
                ["imageID"] = "",
                ["ready"] = isReady,
                ["restartCount"] = (int?)before?["restartCount"] ?? 0,
                ["state"] = state,
                ["lastState"] = before?["lastState"]?.DeepClone(),
            }
        );
    }

    private static void Condition(JsonObject pod, string type, string status, string? reason, string? message)
    {
        var conditions = pod["status"]!["conditions"]?.AsArray() ?? [];
        conditions.RemoveAll(condition => (string?)condition!["type"] == type);
        conditions.Add(
            new JsonObject
            {
                ["type"] = type,
                ["status"] = status,
                ["reason"] = reason,
                ["message"] = message,
                ["lastTransitionTime"] = PodStore.Now(),
            }
        );
        pod["status"]!["conditions"] = conditions.Parent is null ? conditions : conditions.DeepClone();
    }
}
