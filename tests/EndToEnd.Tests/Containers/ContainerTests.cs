using System.Diagnostics;
using System.Runtime.Versioning;
using System.Xml.Linq;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Containers;

/// <summary>Tests of the Dockerfile without Docker. Its steps are executed, and the results are started as a container would be.</summary>
[SupportedOSPlatform("linux")]
public sealed class ContainerTests
{
    private static readonly Dockerfile Recipe = Dockerfile.Parse(File.ReadAllText(Path.Combine(BuildOutput.Solution, "Dockerfile")));
    private static readonly DockerIgnore Ignore = new(File.ReadAllLines(Path.Combine(BuildOutput.Solution, ".dockerignore")));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_image_becomes_ready_on_a_read_only_file_system_and_shuts_down_at_SIGTERM()
    {
        using var build = new ImageBuild(Recipe, Ignore);
        var app = await build.BuildStage("silo", Cancellation) + ImageBuild.GetWorkingDirectory(Recipe["silo"]);
        var data = Directory.CreateTempSubdirectory("deploycard-container-").FullName;
        File.SetUnixFileMode(data, (UnixFileMode)0b111_111_111);
        try
        {
            Protect(app);
            var port = TestPorts.FindFree();
            using var silo = StartSilo(app, Recipe["silo"].LastInstruction("ENTRYPOINT").Words, data, port);
            var output = Task.WhenAll(
                silo.StandardOutput.ReadToEndAsync(CancellationToken.None),
                silo.StandardError.ReadToEndAsync(CancellationToken.None)
            );
            await Eventually.Get(() => IsReady($"http://127.0.0.1:{port}/health/ready", silo), isReady => isReady, Cancellation);
            (await RunHealthCheck(app, data, port)).ShouldBe(0, "the health check of the image");

            await Signals.Send("TERM", silo.Id, Cancellation);
            await silo.WaitForExitAsync(Cancellation);

            silo.ExitCode.ShouldBe(0, string.Concat(await output));
            (await RunHealthCheck(app, data, port)).ShouldBe(1, "the silo has exited");
            Directory.Exists(Path.Combine(app, "images")).ShouldBeFalse("the image for Kubernetes does not include samples");
        }
        finally
        {
            Protect(app, isWritable: true);
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Sample_image_becomes_ready_at_the_address_of_its_pod()
    {
        using var build = new ImageBuild(Recipe, Ignore);
        var app = await build.BuildStage("iris", Cancellation) + ImageBuild.GetWorkingDirectory(Recipe["iris"]);
        var data = Directory.CreateTempSubdirectory("deploycard-container-").FullName;
        try
        {
            Protect(app);
            var port = TestPorts.FindFree();
            using var model = Start(app, Recipe["iris"], Recipe["iris"].LastInstruction("ENTRYPOINT").Words, data, ("PORT", $"{port}"));
            var output = Task.WhenAll(
                model.StandardOutput.ReadToEndAsync(CancellationToken.None),
                model.StandardError.ReadToEndAsync(CancellationToken.None)
            );
            // Represents the address of a pod. By default the sample listens only on 127.0.0.1.
            await Eventually.Get(() => IsReady($"http://127.0.0.2:{port}/healthz", model), isReady => isReady, Cancellation);

            await Signals.Send("TERM", model.Id, Cancellation);
            await model.WaitForExitAsync(Cancellation);
            model.ExitCode.ShouldBe(0, string.Concat(await output));
        }
        finally
        {
            Protect(app, isWritable: true);
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public void Images_run_as_a_numeric_non_root_user_on_a_base_without_a_shell()
    {
        foreach (var image in new[] { Recipe["silo"], Recipe["iris"] })
        {
            image.LastInstruction("USER").Text.ShouldBe("1654:1654");
            image.From.ShouldContain("-chiseled");
            image.Steps.ShouldNotContain(step => step.Name == "RUN");
        }

        Recipe.Arguments.Values.ShouldAllBe(image =>
            image.Contains(':') && !image.EndsWith(":latest") && image.Split(':')[1].Count(c => c == '.') == 2
        );
        Recipe.Stages[^1].Name.ShouldBe("silo", "the last stage is built by default");
    }

    [Fact]
    public void Packages_are_restored_before_sources_are_copied()
    {
        var restore = Recipe["restore"]
            .Steps.TakeWhile(step => step.Name != "RUN")
            .Where(step => step.Name == "COPY")
            .SelectMany(step => step.Words.SkipLast(1));

        restore.ShouldAllBe(file =>
            file.EndsWith(".csproj")
            || file.EndsWith(".props")
            || file.EndsWith(".json")
            || file.EndsWith(".txt")
            || file == ".editorconfig"
        );
        Recipe["build"].From.ShouldBe("restore");
        Recipe["build"].LastInstruction("RUN").Words.ShouldContain("--no-restore");
    }

    [Fact]
    public void Container_of_dotnet_publish_matches_the_Dockerfile()
    {
        var project = XDocument.Load(Path.Combine(BuildOutput.Solution, "silo", "DeployCard.Silo.csproj"));
        var silo = Recipe["silo"];

        project.Descendants("ContainerBaseImage").Single().Value.ShouldBe(silo.From);
        project.Descendants("ContainerUser").Single().Value.ShouldBe(silo.LastInstruction("USER").Text);
        project
            .Descendants("ContainerPort")
            .Single()
            .Attribute("Include")!
            .Value.ShouldBe(silo.LastInstruction("EXPOSE").Text.Replace(' ', ';'));
        project
            .Descendants("ContainerEnvironmentVariable")
            .Select(variable => $"{variable.Attribute("Include")!.Value}={variable.Attribute("Value")!.Value}")
            .ShouldBe(silo.LastInstruction("ENV").Words);
        project.Descendants("ContainerRepository").Single().Value.ShouldBe("deploycard/silo");
    }

    [Theory]
    [InlineData("silo/Program.cs", true)]
    [InlineData("silo/bin/Debug/net10.0/DeployCard.Silo.dll", false)]
    [InlineData("graphql/Playground/node_modules/x/index.js", false)]
    [InlineData("samples/iris/iris.csv", true)]
    [InlineData("samples/digits/serve.py", false)]
    [InlineData("data/secret.key", false)]
    [InlineData(".git/config", false)]
    [InlineData("tests/Support/PostgresServer.cs", false)]
    public void Build_context_contains_only_sources(string path, bool isIncluded) => Ignore.Includes(path).ShouldBe(isIncluded);

    private static async Task<int> RunHealthCheck(string app, string data, int port)
    {
        var words = Recipe["silo"].LastInstruction("HEALTHCHECK").Text;
        using var check = StartSilo(
            app,
            new Instruction("CMD", words[(words.IndexOf("CMD ", StringComparison.Ordinal) + 4)..]).Words,
            data,
            port
        );
        await check.WaitForExitAsync(Cancellation);
        return check.ExitCode;
    }

    private static async Task<bool> IsReady(string url, Process process)
    {
        process.HasExited.ShouldBeFalse("the process has exited");
        try
        {
            using var http = new HttpClient();
            using var response = await http.GetAsync(new Uri(url), Cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Process StartSilo(string app, string[] command, string data, int port) =>
        Start(
            app,
            Recipe["silo"],
            command,
            data,
            ("urls", $"http://127.0.0.1:{port}"),
            ("Metrics__Url", ""),
            ("Storage__Path", Path.Combine(data, "deploycard.db"))
        );

    /// <summary>
    /// Starts a process as the image does, with overridden variables. The process runs as another user, because root could write
    /// everywhere.
    /// </summary>
    private static Process Start(string app, Stage image, string[] command, string data, params (string Name, string Value)[] instead)
    {
        string[] user = Environment.UserName == "root" ? ["setpriv", "--reuid=1654", "--regid=1654", "--clear-groups"] : [];
        string[] all = [.. user, .. command];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            WorkingDirectory = app,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = "/nonexistent", ["TMPDIR"] = data },
        };
        foreach (var variable in image.LastInstruction("ENV").Words.Select(word => word.Split('=', 2)))
            start.Environment[variable[0]] = variable[1];
        foreach (var (name, value) in instead)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static void Protect(string folder, bool isWritable = false)
    {
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var write = isWritable ? UnixFileMode.UserWrite : UnixFileMode.None;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(file, Read | write);
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
            File.SetUnixFileMode(inner, Read | Enter | write);
        // Only the creator of a temporary folder can access it by default.
        var root = Directory.GetParent(Directory.GetParent(folder)!.FullName)!.FullName;
        File.SetUnixFileMode(root, Read | Enter | UnixFileMode.UserWrite);
    }
}
