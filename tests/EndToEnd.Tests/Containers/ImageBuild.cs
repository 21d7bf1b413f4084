using System.Diagnostics;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Containers;

/// <summary>
/// Executes the steps of a Dockerfile without Docker. Each image is a folder that contains its paths. Sources are available only if
/// <c>.dockerignore</c> includes them and a <c>COPY</c> copies them. This machine replaces the base images.
/// </summary>
internal sealed class ImageBuild(Dockerfile dockerfile, DockerIgnore ignore) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-image-").FullName;
    private readonly Dictionary<string, string> roots = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Builds a stage. Returns the folder in place of the root of its file system.</summary>
    public async Task<string> BuildStage(string name, CancellationToken cancellationToken)
    {
        if (roots.TryGetValue(name, out var made))
            return made;
        var stage = dockerfile[name];
        var isStage = dockerfile.Stages.Any(other => other.Name == stage.From);
        // A stage based on another stage continues in its folder, because no further stage is based on that stage.
        var root = isStage ? await BuildStage(stage.From, cancellationToken) : Path.Combine(folder, name);
        var work = isStage ? GetWorkingDirectory(dockerfile[stage.From]) : "/";
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

    public static string GetWorkingDirectory(Stage stage) => stage.LastInstruction("WORKDIR").Text;

    private async Task Copy(string[] words, string root, string work, CancellationToken cancellationToken)
    {
        var from = words[0].StartsWith("--from=", StringComparison.Ordinal)
            ? await BuildStage(words[0]["--from=".Length..], cancellationToken)
            : null;
        var sources = words.Skip(from is null ? 0 : 1).SkipLast(1).ToList();
        var target = root + Path.GetFullPath(words[^1], work);
        foreach (var source in sources)
        {
            var path = from is null ? Path.Combine(BuildOutput.Solution, source) : from + source;
            if (from is null && File.Exists(path))
            {
                ignore.Includes(source).ShouldBeTrue($"COPY needs {source}, which .dockerignore excludes");
                CopyFile(path, Path.Combine(target, Path.GetFileName(source)));
                continue;
            }

            var files = Directory
                .EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(path, file))
                .Where(file => from is not null || ignore.Includes($"{source.Trim('/')}/{file}"))
                .ToList();
            files.ShouldNotBeEmpty($"COPY needs files in {source}, which .dockerignore excludes");
            foreach (var file in files)
                CopyFile(Path.Combine(path, file), Path.Combine(target, file));
        }
    }

    private static void CopyFile(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
    }

    private static async Task Run(string[] words, string root, string work, CancellationToken cancellationToken)
    {
        words[0].ShouldBe("dotnet", "only dotnet commands can be executed without a container");
        // Low priority, because time-critical tests run at the same time.
        var start = new ProcessStartInfo("nice", words.Select(word => word.StartsWith('/') ? root + word : word))
        {
            WorkingDirectory = root + work,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Processes that the build starts must not outlive it.
            Environment =
            {
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["UseSharedCompilation"] = "false",
                // Each compiler process lives only for seconds, so optimization by profile does not pay off.
                ["DOTNET_TieredPGO"] = "0",
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
