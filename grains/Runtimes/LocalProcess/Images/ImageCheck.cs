using System.ComponentModel;
using DeployCard.Grains.Runtimes.LocalProcess.Output;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>Whether an image can run on this machine. Its check is a program that may take seconds, so its outcome is kept for a while and shared.</summary>
internal sealed class ImageCheck(IOptions<LocalProcessOptions> options, TimeProvider clock) : IDisposable
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, Outcome> outcomes = new(StringComparer.Ordinal);

    // A list of images asks for all checks at once; they should not take the machine from the pods.
    private readonly SemaphoreSlim atOnce = new(2);

    /// <summary>Why the image cannot run here; null when it can.</summary>
    public Task<string?> Problem(LocalImage image, CancellationToken cancellationToken)
    {
        if (image.Manifest is not { } manifest || image.Problem is not null)
            return Task.FromResult(image.Problem);

        if (Programs.Find(manifest.Command[0], image.Folder, image.Environment(options.Value).GetValueOrDefault("PATH")) is null)
            return Task.FromResult<string?>(WithHint($"The program '{manifest.Command[0]}' was not found.", manifest));

        return manifest.Check is { } check ? Shared(image, check).WaitAsync(cancellationToken) : Task.FromResult<string?>(null);
    }

    private Task<string?> Shared(LocalImage image, IReadOnlyList<string> check)
    {
        var key = string.Join('\0', [image.Folder, .. check]);
        lock (sync)
        {
            if (!outcomes.TryGetValue(key, out var outcome) || outcome.IsOver(clock.GetUtcNow(), options.Value.CheckCacheDuration))
                outcomes[key] = outcome = new(Task.Run(() => Check(image, check)), clock.GetUtcNow());

            return outcome.Problem;
        }
    }

    private async Task<string?> Check(LocalImage image, IReadOnlyList<string> check)
    {
        await atOnce.WaitAsync();
        try
        {
            var output = new PodOutput(options.Value.MaxLineBytes, static (_, _) => { });
            using var process = PodProcess.Start(new(check, image.Folder, image.Environment(options.Value)), output);
            var inTime = await Ends(process.Exited);
            var exitCode = await process.Finish();
            return (inTime, exitCode) switch
            {
                (false, _) => WithHint($"Its check took longer than {options.Value.CheckTimeout.TotalSeconds:0.#} s.", image.Manifest!),
                (true, 0) => null,
                _ => WithHint(output.Complaint ?? $"Its check ended with {exitCode}.", image.Manifest!),
            };
        }
        catch (Win32Exception e)
        {
            return WithHint(e.Message, image.Manifest!);
        }
        finally
        {
            atOnce.Release();
        }
    }

    public void Dispose() => atOnce.Dispose();

    private async Task<bool> Ends(Task process)
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
        public bool IsOver(DateTimeOffset now, TimeSpan kept) =>
            Problem.IsCompleted && (now - Since >= kept || !Problem.IsCompletedSuccessfully);
    }
}
