using System.Diagnostics;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Containers;

/// <summary>
/// Carries a Dockerfile's steps out without Docker: each image is a folder, each path in it one below that folder, and of the sources there is only what
/// <c>.dockerignore</c> lets in and a <c>COPY</c> takes. What a stage begins from is this machine.
/// </summary>
internal sealed class ImageBuild(Dockerfile dockerfile, DockerIgnore ignore) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-image-").FullName;
    private readonly Dictionary<string, string> roots = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Makes a stage. Returns the folder that stands for the root of its files.</summary>
    public async Task<string> Make(string name, CancellationToken cancellationToken)
    {
        if (roots.TryGetValue(name, out var made))
            return made;
        var stage = dockerfile[name];
        var isOurs = dockerfile.Stages.Any(other => other.Name == stage.From);
        // A stage that begins from another of ours goes on in its folder; nothing else begins from that one.
        var root = isOurs ? await Make(stage.From, cancellationToken) : Path.Combine(folder, name);
        var work = isOurs ? WorkOf(dockerfile[stage.From]) : "/";
        foreach (var step in stage.Steps)
        {
            if (step.Name == "WORKDIR")
                work = step.Text;
            else if (step.Name == "COPY")
                await Copy(step.Words, root, work, cancellationToken);
            else if (step.Name == "RUN")
                await Run(step.Words, root, work, cancellationToken);
        }

        return roots[name] = root;
    }

    public static string WorkOf(Stage stage) => stage.Last("WORKDIR").Text;

    private async Task Copy(string[] words, string root, string work, CancellationToken cancellationToken)
    {
        var from = words[0].StartsWith("--from=", StringComparison.Ordinal)
            ? await Make(words[0]["--from=".Length..], cancellationToken)
            : null;
        var sources = words.Skip(from is null ? 0 : 1).SkipLast(1).ToList();
        var target = root + Path.GetFullPath(words[^1], work);
        foreach (var source in sources)
        {
            var taken = from is null ? Path.Combine(Built.Solution, source) : from + source;
            if (from is null && File.Exists(taken))
            {
                ignore.LetsIn(source).ShouldBeTrue($"{source} is copied, and .dockerignore does not let it in");
                Take(taken, Path.Combine(target, Path.GetFileName(source)));
                continue;
            }

            var files = Directory
                .EnumerateFiles(taken, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(taken, file))
                .Where(file => from is not null || ignore.LetsIn($"{source.Trim('/')}/{file}"))
                .ToList();
            files.ShouldNotBeEmpty($"{source} is copied, and .dockerignore lets nothing of it in");
            foreach (var file in files)
                Take(Path.Combine(taken, file), Path.Combine(target, file));
        }
    }

    private static void Take(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
    }

    private static async Task Run(string[] words, string root, string work, CancellationToken cancellationToken)
    {
        words[0].ShouldBe("dotnet", "only its own steps are carried out here");
        // Other tests run beside it, and some of them wait for something.
        var start = new ProcessStartInfo("nice", words.Select(word => word.StartsWith('/') ? root + word : word))
        {
            WorkingDirectory = root + work,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Nothing that the build starts may outlive it.
            Environment =
            {
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["UseSharedCompilation"] = "false",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            },
        };
        using var build = Process.Start(start)!;
        var output = Task.WhenAll(
            build.StandardOutput.ReadToEndAsync(cancellationToken),
            build.StandardError.ReadToEndAsync(cancellationToken)
        );
        await build.WaitForExitAsync(cancellationToken);
        build.ExitCode.ShouldBe(0, string.Concat(await output));
    }
}
