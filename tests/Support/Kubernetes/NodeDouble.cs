using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>Actions of the scheduler and the kubelet on pods, as tests request them.</summary>
public sealed class NodeDouble(PodStore pods, ContainerLogs logs)
{
    // No process listens at this address.
    private const string UnusedAddress = "127.0.0.2";

    /// <summary>Schedules the pod and starts its container.</summary>
    public void Run(string pod, string address = UnusedAddress)
    {
        logs.BeginRun(pod);
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

    public void SetReady(string pod, bool isReady = true) =>
        pods.Change(
            pod,
            it =>
            {
                Condition(it, "Ready", isReady ? "True" : "False", isReady ? null : "ContainersNotReady", null);
                it["status"]!["containerStatuses"]![0]!["ready"] = isReady;
            }
        );

    /// <summary>Revokes the readiness of the pod, but not of its container, as for an unreachable node.</summary>
    public void LoseNode(string pod) => pods.Change(pod, it => Condition(it, "Ready", "False", null, null));

    public void RunReady(string pod, string address = UnusedAddress)
    {
        Run(pod, address);
        SetReady(pod);
    }

    /// <summary>Schedules the pod, with a container that waits.</summary>
    public void SetWaiting(string pod, string reason, string message) =>
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

    public void SetUnschedulable(string pod, string message) =>
        pods.Change(pod, it => Condition(it, "PodScheduled", "False", "Unschedulable", message));

    /// <summary>Ends the run of the container; <see cref="BackOff"/> or <see cref="Restart"/> follows.</summary>
    public void Crash(string pod, int exitCode, string reason = "Error", string message = "", int durationSeconds = 1)
    {
        logs.EndRun(pod);
        pods.Change(
            pod,
            it =>
            {
                Condition(it, "Ready", "False", "ContainersNotReady", null);
                Container(it, new JsonObject { ["terminated"] = Ended(exitCode, reason, message, durationSeconds) }, isReady: false);
            }
        );
    }

    /// <summary>
    /// Fails the startup probe. The kubelet kills and restarts the container in one step and reports only the state afterwards.
    /// </summary>
    public void FailStartupProbe(string pod, int exitCode, int durationSeconds)
    {
        logs.EndRun(pod);
        logs.BeginRun(pod);
        pods.Change(
            pod,
            it =>
            {
                var container = it["status"]!["containerStatuses"]![0]!;
                container["lastState"] = new JsonObject { ["terminated"] = Ended(exitCode, "Error", "", durationSeconds) };
                container["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = PodStore.Now() } };
                container["started"] = false;
                container["restartCount"] = (int)container["restartCount"]! + 1;
            }
        );
    }

    public void BackOff(string pod, string delay)
    {
        logs.BeginBackoff(pod);
        pods.Change(pod, it => SetBackOff(pod, delay, it));
    }

    public void Restart(string pod)
    {
        logs.BeginRun(pod);
        ReportRestart(pod);
    }

    /// <summary>Reports a restart to the API server. On a real node, the log contains the new run before this report.</summary>
    public void ReportRestart(string pod) =>
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

    /// <summary>Evicts the pod by its node; the object remains.</summary>
    public void Evict(string pod, string message)
    {
        logs.EndRun(pod);
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

    /// <summary>Deletes the pod after a disruption condition, as for a drain, a taint or preemption.</summary>
    public void Disrupt(string pod, string reason, string message)
    {
        pods.Change(pod, it => Condition(it, "DisruptionTarget", "True", reason, message));
        pods.Delete(pod, null, null);
    }

    /// <summary>Ends the container of a deleted pod and removes the object.</summary>
    public void FinishDeletion(string pod, int exitCode = 0)
    {
        Crash(pod, exitCode, exitCode == 0 ? "Completed" : "Error");
        pods.Remove(pod);
    }

    private static void SetBackOff(string pod, string delay, JsonObject it)
    {
        var container = it["status"]!["containerStatuses"]![0]!;
        container["lastState"] = container["state"]!.DeepClone();
        container["state"] = new JsonObject
        {
            ["waiting"] = new JsonObject
            {
                ["reason"] = "CrashLoopBackOff",
                ["message"] = $"back-off {delay} restarting failed container=serving pod={pod}",
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
