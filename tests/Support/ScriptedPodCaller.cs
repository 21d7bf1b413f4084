using System.Collections.Concurrent;
using System.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Tests.Support;

/// <summary>
/// Test double for sending asynchronous calls to pods: the test decides the result of each attempt. The real caller needs real pods and has
/// separate tests.
/// </summary>
public sealed class ScriptedPodCaller : IPodCaller
{
    private readonly ConcurrentQueue<PodCall> calls = new();
    private readonly ConcurrentDictionary<string, Func<PodCall, Task<AttemptOutcome>>> scripts = new();
    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task<AttemptOutcome?>>> entries = new();

    /// <summary>All attempts so far, in order of their start.</summary>
    public IReadOnlyList<PodCall> Calls => [.. calls];

    public static AttemptOutcome Response(int status = 200, string body = "ok") =>
        AttemptOutcome.IsRetryable(status)
            ? AttemptOutcome.FromRetryableResponse(status, body, null)
            : AttemptOutcome.FromResponse(new(status, [new("Content-Type", "text/plain")], new(body.Length, Encoding.UTF8.GetBytes(body))));

    public IReadOnlyList<PodCall> CallsOf(string deployment) => [.. calls.Where(call => call.Deployment.Value == deployment)];

    /// <summary>Sets the result of each attempt of a deployment.</summary>
    public void Script(string deployment, Func<PodCall, Task<AttemptOutcome>> script) => scripts[deployment] = script;

    /// <summary>Sets the results of consecutive attempts of a deployment; the last result is repeated.</summary>
    public void RespondWith(string deployment, params AttemptOutcome[] results)
    {
        var next = -1;
        Script(deployment, _ => Task.FromResult(results[Math.Min(Interlocked.Increment(ref next), results.Length - 1)]));
    }

    /// <summary>Lets attempts of a deployment hang until the test calls <see cref="PodCall.Complete"/> or they are canceled.</summary>
    public void Hang(string deployment) => Script(deployment, call => call.Completion.WaitAsync(call.Token));

    /// <summary>Lets attempts of a deployment hang until the test ends them; they ignore cancellation.</summary>
    public void HangIgnoringCancellation(string deployment) => Script(deployment, call => call.Completion);

    /// <summary>
    /// Sets the result of requests for a slot at a pod of a deployment: null grants the slot, any other result rejects the request.
    /// </summary>
    public void ScriptEntry(string deployment, Func<CancellationToken, Task<AttemptOutcome?>> entry) => entries[deployment] = entry;

    public async Task<PodLeaseResult> Acquire(DeploymentName deployment, TimeSpan healthTimeout, CancellationToken cancellationToken) =>
        entries.TryGetValue(deployment.Value, out var entry) && await entry(cancellationToken) is { } rejection
            ? new(null, rejection)
            : new(new Place(this, deployment), null);

    private async Task<AttemptOutcome> Send(PodCall call)
    {
        calls.Enqueue(call);
        return await (scripts.TryGetValue(call.Deployment.Value, out var script) ? script(call) : Task.FromResult(Response()));
    }

    private sealed class Place(ScriptedPodCaller caller, DeploymentName deployment) : IPodLease
    {
        public string Pod => "pod";

        public Task<AttemptOutcome> Send(
            CallId id,
            int attempt,
            CallRequest request,
            TimeSpan limit,
            CancellationToken cancellationToken
        ) => caller.Send(new(deployment, id, attempt, request, cancellationToken));

        public void Dispose()
        {
            // The number of slots is unlimited.
        }
    }
}

/// <summary>An attempt received by the test double.</summary>
public sealed record PodCall(DeploymentName Deployment, CallId Id, int Attempt, CallRequest Request, CancellationToken Token)
{
    private readonly TaskCompletionSource<AttemptOutcome> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<AttemptOutcome> Completion => end.Task;

    public void Complete(AttemptOutcome result) => end.TrySetResult(result);
}
