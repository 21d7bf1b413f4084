using System.Text;
using DeployCard.LocalProcess.Images;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class ImageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Folder_with_a_manifest_is_an_image_with_the_content_of_the_manifest()
    {
        await using var host = new LocalProcessHost().Manifest(
            "iris",
            """
            {
              "description": "Which iris is it", "command": ["sh", "-c", "true"], "readinessPath": "/healthz", "check": ["true"],
              "unavailableHint": "Install it.", "readme": "README.md",
              "defaults": { "pods": "0-3", "concurrency": 4, "startupTimeoutSeconds": 120, "environment": { "MODEL": "iris.onnx" } },
              "examples": [{
                "name": "Setosa", "method": "POST", "path": "/v1/models/iris:predict",
                "headers": { "Content-Type": "application/json" }, "body": "{}"
              }]
            }
            """
        );
        await File.WriteAllTextAsync(host.PathOf("iris", "README.md"), "# Iris", Token);

        var image = await host.Catalog.Find("iris", Token);

        image.ShouldNotBeNull().UnavailableReason.ShouldBeNull();
        image.Description.ShouldBe("Which iris is it");
        image.Readme.ShouldBe("# Iris");
        image.Defaults.Pods.ShouldBe("0-3");
        image.Defaults.Concurrency.ShouldBe(4);
        image.Defaults.StartupTimeout.ShouldBe(TimeSpan.FromSeconds(120));
        ImageManifestParser
            .Parse(await File.ReadAllBytesAsync(host.PathOf("iris", "image.json"), Token))
            .Manifest!.Defaults.Environment["MODEL"]
            .ShouldBe("iris.onnx");
        image.Examples.ShouldHaveSingleItem().Path.ShouldBe("/v1/models/iris:predict");
    }

    [Fact]
    public async Task Image_with_an_invalid_manifest_is_listed_as_unavailable()
    {
        await using var host = new LocalProcessHost().Manifest("broken", "{").Manifest("good", """{"command": ["true"]}""");
        host.Folder("no-image");

        var images = await host.Catalog.List(Token);

        images.Select(image => image.Name).ShouldBe(["broken", "good"]);
        images[0].UnavailableReason.ShouldNotBeNull().ShouldContain("not valid JSON");
        images[1].UnavailableReason.ShouldBeNull();
    }

    [Fact]
    public async Task Folder_named_in_the_settings_is_an_image()
    {
        await using var elsewhere = new LocalProcessHost().Manifest("some-folder", """{"command": ["true"]}""");
        await using var host = new LocalProcessHost(options =>
        {
            options.Images["iris"] = elsewhere.Folder("some-folder");
            options.Images["lost"] = elsewhere.Folder("no-manifest");
        });

        (await host.Catalog.Find("iris", Token))!.UnavailableReason.ShouldBeNull();
        (await host.Catalog.Find("lost", Token))!.UnavailableReason.ShouldNotBeNull().ShouldContain("no image.json");
        (await host.Catalog.List(Token)).Select(image => image.Name).ShouldBe(["iris", "lost"]);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../iris")]
    [InlineData("iris/sub")]
    [InlineData("iris\\sub")]
    [InlineData("")]
    [InlineData(".hidden")]
    public async Task Image_name_that_leads_out_of_the_images_folder_is_not_found(string name)
    {
        await using var host = new LocalProcessHost()
            .Manifest("iris", """{"command": ["true"]}""")
            .Manifest("iris/sub", """{"command": ["true"]}""");

        (await host.Catalog.Find(name, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Failed_check_reports_its_last_line_and_the_hint()
    {
        await using var host = new LocalProcessHost().Manifest(
            "sick",
            """
            {
              "command": ["true"], "check": ["sh", "-c", "echo loading; echo No module named sklearn >&2; exit 1"],
              "unavailableHint": "Run pip install scikit-learn."
            }
            """
        );

        (await host.Catalog.Find("sick", Token))!.UnavailableReason.ShouldBe("No module named sklearn Run pip install scikit-learn.");
    }

    [Fact]
    public async Task Check_that_cannot_start_or_exceeds_its_timeout_is_reported()
    {
        await using var host = new LocalProcessHost(options => options.CheckTimeout = TimeSpan.FromMilliseconds(300))
            .Manifest("lost", """{"command": ["true"], "check": ["no-such-program"]}""")
            .Manifest("slow", """{"command": ["true"], "check": ["sh", "-c", "sleep 1000 & wait"]}""")
            .Manifest("program", """{"command": ["no-such-program"]}""");

        (await host.Catalog.Find("lost", Token))!.UnavailableReason.ShouldNotBeNull().ShouldContain("no-such-program");
        (await host.Catalog.Find("slow", Token))!.UnavailableReason.ShouldBe("The check command of the image took longer than 0.3 s.");
        (await host.Catalog.Find("program", Token))!.UnavailableReason.ShouldBe("The program 'no-such-program' was not found.");
    }

    [Fact]
    public async Task Check_result_is_cached_and_shared()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var host = new LocalProcessHost(clock: clock).Manifest(
            "counts",
            """{"command": ["true"], "check": ["sh", "-c", "echo x >>count"]}"""
        );
        int Runs() => File.ReadAllLines(host.PathOf("counts", "count")).Length;

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.Catalog.List(Token)));
        clock.Advance(TimeSpan.FromSeconds(59));
        await host.Catalog.List(Token);
        Runs().ShouldBe(1);

        clock.Advance(TimeSpan.FromSeconds(2));
        await host.Catalog.List(Token);
        Runs().ShouldBe(2);
    }

    [Theory]
    [InlineData("""[]""", "it must be a JSON object such as {\"command\": [\"python3\", \"serve.py\"]}")]
    [InlineData("""{}""", "the field 'command' is missing: a list such as [\"python3\", \"serve.py\"]")]
    [InlineData("""{"command": []}""", "the field 'command' must be a list of 1 to 64 strings*, not []")]
    [InlineData("""{"command": ["-x"]}""", "the field 'command' must be*")]
    [InlineData("""{"command": "x"}""", "the field 'command' must be*, not \"x\"")]
    [InlineData("""{"command": ["x"], "colour": 1}""", "the field 'colour' is unknown; the known fields are description, command,*")]
    [InlineData(
        """{"command": ["x"], "description": "a\nb"}""",
        "the field 'description' must be one line, at most 200 characters, not \"a\\nb\""
    )]
    [InlineData("""{"command": ["x"], "readinessPath": "healthz"}""", "the field 'readinessPath' must be a path such as /healthz*")]
    [InlineData("""{"command": ["x"], "readme": "../secret"}""", "the field 'readme' must be the name of a file in the image's folder*")]
    [InlineData(
        """{"command": ["x"], "defaults": {"pods": "3"}}""",
        "the field 'defaults.pods' must be min-max, two numbers from 0 to 100 in ascending order, for example 0-3, not '3'"
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"pods": "3-1"}}""",
        "the field 'defaults.pods' must be min-max, two numbers from 0 to 100 in ascending order, for example 0-3, not '3-1'"
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"concurrency": -1}}""",
        "the field 'defaults.concurrency' must be 0 (unlimited) or 1 to 100,000, not -1"
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"startupTimeoutSeconds": 1.5}}""",
        "the field 'defaults.startupTimeoutSeconds' must be a whole number of seconds: 1 s to 1 h, not 1.5"
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"environment": {"A-B": "x"}}}""",
        "the field 'defaults.environment.A-B' must be letters*"
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"environment": {"PORT": "1"}}}""",
        "the field 'defaults.environment.PORT' must be a name other than*"
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"environment": {"A": 1}}}""",
        "the field 'defaults.environment.A' must be a string*, not 1"
    )]
    [InlineData("""{"command": ["x"], "defaults": {"cpus": 1}}""", "the field 'defaults.cpus' is unknown*")]
    [InlineData(
        """{"command": ["x"], "defaults": {"cpu": "2"}}""",
        "the field 'defaults.cpu' must be a number: 0 (unlimited) or *, not \"2\""
    )]
    [InlineData(
        """{"command": ["x"], "defaults": {"labels": {"-": "x"}}}""",
        "the field 'defaults.labels' must be labels with keys of*, not '-'"
    )]
    [InlineData("""{"command": ["x"], "examples": [{"name": "a"}]}""", "the field 'examples[0].path' is missing*")]
    [InlineData(
        """{"command": ["x"], "examples": [{"name": "a", "path": "/", "method": "get"}]}""",
        "the field 'examples[0].method' must be an HTTP method*"
    )]
    [InlineData(
        """{"command": ["x"], "examples": [{"name": "a", "path": "/", "headers": {"A B": "x"}}]}""",
        "the field 'examples[0].headers.A B' must be*"
    )]
    [InlineData("""{"command": ["x"], "examples": [1]}""", "the field 'examples[0]' must be an object, not 1")]
    [InlineData("""{"command": ["x"], "command": ["y"]}""", "it is not valid JSON*")]
    public void Invalid_field_is_reported_with_the_allowed_and_the_given_value(string json, string expected)
    {
        var (manifest, errors) = ImageManifestParser.Parse(Encoding.UTF8.GetBytes(json));

        manifest.ShouldBeNull();
        var error = errors.ShouldHaveSingleItem();
        error.ShouldMatch($"^{System.Text.RegularExpressions.Regex.Escape(expected).Replace("\\*", ".*")}$");
    }

    [Fact]
    public void Parser_reports_all_invalid_fields_together()
    {
        var (_, errors) = ImageManifestParser.Parse("""{"command": 1, "readme": "/x", "more": 2}"""u8.ToArray());

        errors.Count.ShouldBe(3);
    }

    [Fact]
    public void Only_the_command_is_required()
    {
        var (manifest, errors) = ImageManifestParser.Parse("""{"command": ["python3", "serve.py"]} // a comment"""u8.ToArray());

        errors.ShouldBeEmpty();
        manifest!.ReadinessPath.ShouldBe("/");
        manifest.Defaults.Configuration.Pods.ShouldBeNull();
        manifest.Examples.ShouldBeEmpty();
    }
}
