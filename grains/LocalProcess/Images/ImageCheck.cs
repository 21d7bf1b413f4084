using System.ComponentModel;
using DeployCard.LocalProcess.Output;
using DeployCard.LocalProcess.Processes;
using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.Options;

namespace DeployCard.LocalProcess.Images;

/// <summary>
/// Checks whether an image can run on this machine. The check command of an image may take seconds, so its result is cached and concurrent
/// callers share one execution.
/// </summary>
internal sealed class ImageCheck(IOptions<LocalProcessOptions> options, TimeProvider clock) : IDisposable
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, Outcome> outcomes = new(StringComparer.Ordinal);

    // Listing the images starts all checks concurrently. This limit leaves the CPU to the pods.
    private readonly SemaphoreSlim concurrency = new(2);

    /// <summary>Returns why the image cannot run on this machine, or null if it can.</summary>
    public Task<string?> FindProblem(LocalImage image, CancellationToken cancellationToken)
    {
        if (image.Manifest is not { } manifest || image.Problem is not null)
            return Task.FromResult(image.Problem);

        if (ProgramFinder.Find(manifest.Command[0], image.Folder, image.CreateEnvironment(options.Value).GetValueOrDefault("PATH")) is null)
            return Task.FromResult<string?>(WithHint($"The program '{manifest.Command[0]}' was not found.", manifest));

        return manifest.Check is { } check ? GetOrStartCheck(image, check).WaitAsync(cancellationToken) : Task.FromResult<string?>(null);
    }

    private Task<string?> GetOrStartCheck(LocalImage image, IReadOnlyList<string> check)
    {
        var key = string.Join('\0', [image.Folder, .. check]);
        lock (sync)
        {
            if (!outcomes.TryGetValue(key, out var outcome) || outcome.IsExpired(clock.GetUtcNow(), options.Value.CheckCacheDuration))
                outcomes[key] = outcome = new(Task.Run(() => RunCheck(image, check)), clock.GetUtcNow());

            return outcome.Problem;
        }
    }

    private async Task<string?> RunCheck(LocalImage image, IReadOnlyList<string> check)
    {
        await concurrency.WaitAsync();
        try
        {
            var output = new PodOutput(options.Value.MaxLineBytes, static (_, _) => { });
            using var process = PodProcess.Start(new(check, image.Folder, image.CreateEnvironment(options.Value)), output);
            var inTime = await EndsInTime(process.Exited);
            var exitCode = await process.KillRemaining();
            return (inTime, exitCode) switch
            {
                (false, _) => WithHint(
                    $"The check command of the image took longer than {options.Value.CheckTimeout.TotalSeconds:0.#} s.",
                    image.Manifest!
                ),
                (true, 0) => null,
                _ => WithHint(output.LikelyError ?? $"The check command of the image ended with exit code {exitCode}.", image.Manifest!),
            };
        }
        catch (Win32Exception e)
        {
            return WithHint(e.Message, image.Manifest!);
        }
        finally
        {
            concurrency.Release();
        }
    }

    public void Dispose() => concurrency.Dispose();

    private async Task<bool> EndsInTime(Task process)
    {
        try
        {
            await process.WaitAsync(options.Value.CheckTimeout, clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static string WithHint(string reason, ImageManifest manifest) =>
        manifest.UnavailableHint is { Length: > 0 } hint ? $"{reason} {hint}" : reason;

    private sealed record Outcome(Task<string?> Problem, DateTimeOffset Since)
    {
        public bool IsExpired(DateTimeOffset now, TimeSpan cacheDuration) =>
            Problem.IsCompleted && (now - Since >= cacheDuration || !Problem.IsCompletedSuccessfully);
    }
}
