using System.Collections.Concurrent;
using System.Text;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;

namespace DeployCard.Tests.Support;

/// <summary>
/// A double of the gateway's side of asynchronous calls: each attempt ends as the test says. The real one needs pods that listen; it has its
/// own tests.
/// </summary>
public sealed class ScriptedPodCaller : IPodCaller
{
    private readonly ConcurrentQueue<PodCall> calls = new();
    private readonly ConcurrentDictionary<string, Func<PodCall, Task<PodAnswer>>> scripts = new();
    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task<PodAnswer?>>> entries = new();

    /// <summary>All attempts so far, in the order in which they began.</summary>
    public IReadOnlyList<PodCall> Calls => [.. calls];

    public static PodAnswer Answer(int status = 200, string body = "ok") =>
        PodAnswer.IsRepeated(status)
            ? PodAnswer.Refused(status, body, null)
            : PodAnswer.Answered(new(status, [new("Content-Type", "text/plain")], new(body.Length, Encoding.UTF8.GetBytes(body))));

    public IReadOnlyList<PodCall> CallsOf(string deployment) => [.. calls.Where(call => call.Deployment.Value == deployment)];

    /// <summary>Each attempt of this deployment ends so.</summary>
    public void Script(string deployment, Func<PodCall, Task<PodAnswer>> script) => scripts[deployment] = script;

    /// <summary>Attempts of this deployment end so, one after the other; the last one counts for all that follow.</summary>
    public void Answers(string deployment, params PodAnswer[] answers)
    {
        var next = -1;
        Script(deployment, _ => Task.FromResult(answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)]));
    }

    /// <summary>Attempts of this deployment go on until the test ends them by <see cref="PodCall.End"/>, or they are cancelled.</summary>
    public void Hang(string deployment) => Script(deployment, call => call.Ended.WaitAsync(call.Token));

    /// <summary>Attempts of this deployment go on until the test ends them, and do not heed a cancellation.</summary>
    public void HangDeaf(string deployment) => Script(deployment, call => call.Ended);

    /// <summary>Who asks for a place at a pod of this deployment gets it when the task gives null, else this refusal.</summary>
    public void Entries(string deployment, Func<CancellationToken, Task<PodAnswer?>> entry) => entries[deployment] = entry;

    public async Task<PodEntry> Enter(DeploymentName deployment, TimeSpan health, CancellationToken cancellationToken) =>
        entries.TryGetValue(deployment.Value, out var entry) && await entry(cancellationToken) is { } refusal
            ? new(null, refusal)
            : new(new Place(this, deployment), null);

    private async Task<PodAnswer> Send(PodCall call)
    {
        calls.Enqueue(call);
        return await (scripts.TryGetValue(call.Deployment.Value, out var script) ? script(call) : Task.FromResult(Answer()));
    }

    private sealed class Place(ScriptedPodCaller caller, DeploymentName deployment) : IPodPlace
    {
        public string Pod => "pod";

        public Task<PodAnswer> Send(CallId id, int attempt, CallRequest request, TimeSpan limit, CancellationToken cancellationToken) =>
            caller.Send(new(deployment, id, attempt, request, cancellationToken));

        public void Dispose()
        {
            // There is room for everybody.
        }
    }
}

/// <summary>One attempt as the double got it.</summary>
public sealed record PodCall(DeploymentName Deployment, CallId Id, int Attempt, CallRequest Request, CancellationToken Token)
{
    private readonly TaskCompletionSource<PodAnswer> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<PodAnswer> Ended => end.Task;

    public void End(PodAnswer answer) => end.TrySetResult(answer);
}
