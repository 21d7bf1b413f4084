using System.Globalization;
using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>
/// Pods of the API server double, with the semantics that clients rely on. Each change has its own version and event. Watches read events
/// from a version on, and fail for compacted versions. Server-side apply has managers and conflicts. A repeated deletion can only shorten
/// the grace period.
/// </summary>
public sealed class PodStore
{
    private readonly Lock sync = new();
    private readonly SortedDictionary<string, JsonObject> pods = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Type, JsonObject Pod)> events = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version = 100;
    private long emitted = 100;
    private long compacted;
    private Queue<(int Code, string Message)> queuedRejections = new();

    /// <summary>Status code and message with which new pods are rejected; null if new pods are accepted.</summary>
    public (int Code, string Message)? Rejection { get; set; }

    /// <summary>Rejects the given number of next requests for new pods.</summary>
    public void RejectNext(int requests, int code, string message) => queuedRejections = new(Enumerable.Repeat((code, message), requests));

    /// <summary>Whether watches receive events and bookmarks. If false, only a list shows changes. Default true.</summary>
    public bool SendsEvents { get; set; } = true;

    public long Version
    {
        get
        {
            lock (sync)
                return version;
        }
    }

    /// <summary>Task that completes with the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (sync)
                return changed.Task;
        }
    }

    /// <summary>Returns all pods and the version of that list.</summary>
    public (IReadOnlyList<JsonObject> Pods, long Version) Snapshot()
    {
        lock (sync)
            return (All, version);
    }

    public IReadOnlyList<JsonObject> All
    {
        get
        {
            lock (sync)
                return [.. pods.Values.Select(Copy)];
        }
    }

    public JsonObject? Find(string name)
    {
        lock (sync)
            return pods.TryGetValue(name, out var pod) ? Copy(pod) : null;
    }

    /// <summary>
    /// Returns the events after a version, and the version up to which they are complete; null if the version was compacted.
    /// </summary>
    public (IReadOnlyList<(string Type, JsonObject Pod)> Events, long Through)? After(long from)
    {
        lock (sync)
            return from < compacted
                ? null
                : ([.. events.Where(e => e.Version > from).Select(e => (e.Type, e.Pod))], Math.Max(from, emitted));
    }

    /// <summary>Compacts all versions so far, so that no watch can resume at them.</summary>
    public void Compact()
    {
        lock (sync)
        {
            compacted = version;
            events.Clear();
            Signal();
        }
    }

    /// <summary>Wakes all watches without a change.</summary>
    public void Wake()
    {
        lock (sync)
            Signal();
    }

    /// <summary>Advances the version without an event, as changes of other objects do.</summary>
    public void AdvanceVersion(int versions)
    {
        lock (sync)
        {
            emitted = version += versions;
            Signal();
        }
    }

    public (int Code, JsonObject Body) Apply(string name, JsonObject wanted, string manager, bool force)
    {
        lock (sync)
        {
            if (pods.TryGetValue(name, out var existing))
                return ApplyTo(existing, wanted, manager, force);
            if ((queuedRejections.TryDequeue(out var queued) ? queued : Rejection) is { } rejection)
                return (rejection.Code, Status(rejection.Code, rejection.Message));
            return Insert(name, wanted, manager, "Apply");
        }
    }

    /// <summary>Creates a pod without server-side apply.</summary>
    public (int Code, JsonObject Body) Create(JsonObject wanted, string manager)
    {
        lock (sync)
        {
            var name = (string)wanted["metadata"]!["name"]!;
            return pods.ContainsKey(name) ? (409, Status(409, $"pods \"{name}\" already exists")) : Insert(name, wanted, manager, "Update");
        }
    }

    /// <summary>Inserts a pod without changing it, for example a pod of another program.</summary>
    public void InsertRaw(JsonObject pod)
    {
        lock (sync)
        {
            pods[(string)pod["metadata"]!["name"]!] = pod;
            Emit("ADDED", pod);
        }
    }

    public (int Code, JsonObject Body) Delete(string name, string? uid, long? grace)
    {
        lock (sync)
        {
            if (!pods.TryGetValue(name, out var pod))
                return (404, Status(404, $"pods \"{name}\" not found"));
            var metadata = pod["metadata"]!.AsObject();
            if (uid is not null && uid != (string?)metadata["uid"])
                return (409, Status(409, $"the UID in the precondition ({uid}) does not match the UID in record ({metadata["uid"]})"));
            var seconds = grace ?? (long?)pod["spec"]?["terminationGracePeriodSeconds"] ?? 30;
            // No container runs, because the pod was not scheduled or has ended.
            if (seconds == 0 || pod["spec"]?["nodeName"] is null || (string?)pod["status"]?["phase"] is "Failed" or "Succeeded")
            {
                Remove(name);
                return (200, Copy(pod));
            }

            if (metadata["deletionGracePeriodSeconds"] is { } before && (long)before <= seconds)
                return (200, Copy(pod));
            metadata["deletionTimestamp"] = Now(TimeSpan.FromSeconds(seconds));
            metadata["deletionGracePeriodSeconds"] = seconds;
            Emit("MODIFIED", pod);
            return (200, Copy(pod));
        }
    }

    /// <summary>Applies a change by a node or a controller.</summary>
    public void Change(string name, Action<JsonObject> change)
    {
        lock (sync)
        {
            // A late report about a removed pod is ignored.
            if (!pods.TryGetValue(name, out var pod))
                return;
            change(pod);
            Emit("MODIFIED", pod);
        }
    }

    /// <summary>Removes the object of a pod.</summary>
    public void Remove(string name)
    {
        lock (sync)
        {
            if (pods.Remove(name, out var pod))
                Emit("DELETED", pod);
        }
    }

    public static JsonObject Status(int code, string message) =>
        new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = code switch
            {
                404 => "NotFound",
                409 => "Conflict",
                410 => "Expired",
                403 => "Forbidden",
                429 => "TooManyRequests",
                500 => "InternalError",
                _ => "Invalid",
            },
            ["code"] = code,
        };

    public static string Now(TimeSpan ahead = default) =>
        (TimeProvider.System.GetUtcNow() + ahead).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private (int Code, JsonObject Body) Insert(string name, JsonObject wanted, string manager, string operation)
    {
        var pod = Copy(wanted);
        var metadata = pod["metadata"]!.AsObject();
        metadata["uid"] = $"{Guid.NewGuid()}";
        metadata["namespace"] = "models";
        metadata["creationTimestamp"] = Now();
        metadata["managedFields"] = new JsonArray(
            new JsonObject
            {
                ["manager"] = manager,
                ["operation"] = operation,
                ["apiVersion"] = "v1",
                ["time"] = Now(),
            }
        );
        pod["status"] = new JsonObject { ["phase"] = "Pending" };
        pods[name] = pod;
        Emit("ADDED", pod);
        return (201, Copy(pod));
    }

    private (int Code, JsonObject Body) ApplyTo(JsonObject existing, JsonObject wanted, string manager, bool force)
    {
        var isOwner = existing["metadata"]!["managedFields"]?.AsArray().Any(fields => (string?)fields!["manager"] == manager) is true;
        var labels = existing["metadata"]!["labels"]?.AsObject() ?? [];
        var differing = (wanted["metadata"]!["labels"]?.AsObject() ?? [])
            .Where(label => (string?)labels[label.Key] != (string?)label.Value)
            .Select(label => label.Key)
            .ToList();
        if (!isOwner && !force)
            return (409, Status(409, "Apply failed with conflicts: fields are owned by another manager"));
        if (!Contains(existing["spec"], wanted["spec"]))
            return (422, Status(422, "Pod is invalid: spec: Forbidden: pod updates may not change fields other than …"));
        foreach (var label in differing)
            labels[label] = (string?)wanted["metadata"]!["labels"]![label];
        if (differing.Count > 0)
            Emit("MODIFIED", existing);
        return (200, Copy(existing));
    }

    private static bool Contains(JsonNode? existing, JsonNode? wanted) =>
        (existing, wanted) switch
        {
            (_, null) => true,
            (JsonObject a, JsonObject b) => b.All(member => Contains(a[member.Key], member.Value)),
            (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Contains(pair.First, pair.Second)),
            _ => JsonNode.DeepEquals(existing, wanted),
        };

    private void Emit(string type, JsonObject pod)
    {
        version++;
        pod["metadata"]!["resourceVersion"] = $"{version}";
        if (SendsEvents)
        {
            events.Add((version, type, Copy(pod)));
            emitted = version;
        }

        Signal();
    }

    private void Signal()
    {
        changed.TrySetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static JsonObject Copy(JsonObject pod) => pod.DeepClone().AsObject();
}
