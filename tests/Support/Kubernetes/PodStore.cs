using System.Globalization;
using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>
/// The pods that the API server has, with the semantics that clients rely on: each change gets the next version and is an event; watches read
/// events from a version on; what is compacted is gone; server-side apply has owners and conflicts; delete has a grace that only shrinks.
/// </summary>
public sealed class PodStore
{
    private readonly Lock sync = new();
    private readonly SortedDictionary<string, JsonObject> pods = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Type, JsonObject Pod)> events = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version = 100;
    private long told = 100;
    private long compacted;
    private Queue<(int Code, string Message)> passing = new();

    /// <summary>Where set, why no more pods are taken: the status code and the message.</summary>
    public (int Code, string Message)? Refusal { get; set; }

    /// <summary>Refuses some more requests, and takes those after them.</summary>
    public void Refuse(int requests, int code, string message) => passing = new(Enumerable.Repeat((code, message), requests));

    /// <summary>Whether events are told, and bookmarks beyond them; without it only a list shows what happened.</summary>
    public bool TellsEvents { get; set; } = true;

    public long Version
    {
        get
        {
            lock (sync)
                return version;
        }
    }

    /// <summary>Ends when anything changes.</summary>
    public Task Changed
    {
        get
        {
            lock (sync)
                return changed.Task;
        }
    }

    /// <summary>All pods, and the version at which they are so.</summary>
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

    /// <summary>The events after a version, and the version up to which there are no others; null where it is too old.</summary>
    public (IReadOnlyList<(string Type, JsonObject Pod)> Events, long Through)? After(long from)
    {
        lock (sync)
            return from < compacted ? null : ([.. events.Where(e => e.Version > from).Select(e => (e.Type, e.Pod))], Math.Max(from, told));
    }

    /// <summary>Forgets all events so far.</summary>
    public void Compact()
    {
        lock (sync)
        {
            compacted = version;
            events.Clear();
            Signal();
        }
    }

    /// <summary>Wakes the watches though nothing changed.</summary>
    public void Wake()
    {
        lock (sync)
            Signal();
    }

    /// <summary>Versions go on without pods, as other objects change.</summary>
    public void Skip(int versions)
    {
        lock (sync)
        {
            told = version += versions;
            Signal();
        }
    }

    public (int Code, JsonObject Body) Apply(string name, JsonObject wanted, string manager, bool force)
    {
        lock (sync)
        {
            if (pods.TryGetValue(name, out var there))
                return ApplyTo(there, wanted, manager, force);
            if ((passing.TryDequeue(out var passed) ? passed : Refusal) is { } refusal)
                return (refusal.Code, Status(refusal.Code, refusal.Message));
            return Make(name, wanted, manager, "Apply");
        }
    }

    /// <summary>Makes a pod by what is not an apply.</summary>
    public (int Code, JsonObject Body) Create(JsonObject wanted, string manager)
    {
        lock (sync)
        {
            var name = (string)wanted["metadata"]!["name"]!;
            return pods.ContainsKey(name) ? (409, Status(409, $"pods \"{name}\" already exists")) : Make(name, wanted, manager, "Update");
        }
    }

    /// <summary>Puts a pod there that somebody else made, by whatever means.</summary>
    public void Plant(JsonObject pod)
    {
        lock (sync)
        {
            pods[(string)pod["metadata"]!["name"]!] = pod;
            Tell("ADDED", pod);
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
            // Nothing runs yet of one that no node has, or nothing any more.
            if (seconds == 0 || pod["spec"]?["nodeName"] is null || (string?)pod["status"]?["phase"] is "Failed" or "Succeeded")
            {
                Remove(name);
                return (200, Copy(pod));
            }

            if (metadata["deletionGracePeriodSeconds"] is { } before && (long)before <= seconds)
                return (200, Copy(pod));
            metadata["deletionTimestamp"] = Now(TimeSpan.FromSeconds(seconds));
            metadata["deletionGracePeriodSeconds"] = seconds;
            Tell("MODIFIED", pod);
            return (200, Copy(pod));
        }
    }

    /// <summary>What only a node or a controller changes.</summary>
    public void Change(string name, Action<JsonObject> change)
    {
        lock (sync)
        {
            // A node may be late: what it tells of a pod that is gone nobody takes.
            if (!pods.TryGetValue(name, out var pod))
                return;
            change(pod);
            Tell("MODIFIED", pod);
        }
    }

    /// <summary>The object goes.</summary>
    public void Remove(string name)
    {
        lock (sync)
        {
            if (pods.Remove(name, out var pod))
                Tell("DELETED", pod);
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

    private (int Code, JsonObject Body) Make(string name, JsonObject wanted, string manager, string operation)
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
        Tell("ADDED", pod);
        return (201, Copy(pod));
    }

    private (int Code, JsonObject Body) ApplyTo(JsonObject there, JsonObject wanted, string manager, bool force)
    {
        var isOwner = there["metadata"]!["managedFields"]?.AsArray().Any(fields => (string?)fields!["manager"] == manager) is true;
        var labels = there["metadata"]!["labels"]?.AsObject() ?? [];
        var differing = (wanted["metadata"]!["labels"]?.AsObject() ?? [])
            .Where(label => (string?)labels[label.Key] != (string?)label.Value)
            .Select(label => label.Key)
            .ToList();
        if (!isOwner && !force)
            return (409, Status(409, "Apply failed with conflicts: fields are owned by another manager"));
        if (!Contains(there["spec"], wanted["spec"]))
            return (422, Status(422, "Pod is invalid: spec: Forbidden: pod updates may not change fields other than …"));
        foreach (var label in differing)
            labels[label] = (string?)wanted["metadata"]!["labels"]![label];
        if (differing.Count > 0)
            Tell("MODIFIED", there);
        return (200, Copy(there));
    }

    private static bool Contains(JsonNode? there, JsonNode? wanted) =>
        (there, wanted) switch
        {
            (_, null) => true,
            (JsonObject a, JsonObject b) => b.All(member => Contains(a[member.Key], member.Value)),
            (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Contains(pair.First, pair.Second)),
            _ => JsonNode.DeepEquals(there, wanted),
        };

    private void Tell(string type, JsonObject pod)
    {
        version++;
        pod["metadata"]!["resourceVersion"] = $"{version}";
        if (TellsEvents)
        {
            events.Add((version, type, Copy(pod)));
            told = version;
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
