using DeployCard.Grains.Deployments;
using DeployCard.Grains.Readmes;
using DeployCard.Grains.Results;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class CreateTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_new_deployment_takes_what_its_image_suggests_where_its_creator_says_nothing()
    {
        var defaults = new ImageDefaults("2-3", 4, TimeSpan.FromSeconds(99), new Dictionary<string, string> { ["A"] = "b" });
        Silos.Images.Add(ScriptedImageCatalog.Make("suggesting", defaults));
        var name = NewName();

        var view = Value(await Silos.Deployment(name).Create(new(null, "suggesting", new() { Concurrency = 7 }), Anna, Token));

        view.Title.ShouldBe(name);
        view.CreatedBy.ShouldBe(Anna);
        view.CreatedAt.ShouldBe(Silos.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        var revision = view.Revisions.ShouldHaveSingleItem();
        revision.Number.ShouldBe(1);
        revision.Image.ShouldBe("suggesting");
        revision.Configuration.Pods.ShouldBe(new(2, 3));
        revision.Configuration.Concurrency.ShouldBe(7);
        revision.Configuration.StartupTimeout.ShouldBe(TimeSpan.FromSeconds(99));
        revision.Configuration.IdleTimeout.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_new_deployment_begins_with_the_readme_of_its_image()
    {
        Silos.Images.Add(ScriptedImageCatalog.Make("documented", readme: "# Iris"));
        var name = NewName();
        Value(await Silos.Deployment(name).Create(Draft(image: "documented"), Anna, Token));

        var readme = await Silos.Grains.GetGrain<IReadmeGrain>(name).Get();

        readme.Markdown.ShouldBe("# Iris");
        readme.Version.ShouldBe(1);
        readme.UpdatedBy.ShouldBe(Anna);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_told()
    {
        var name = NewName();
        await Create(name);

        var error = Error(await Silos.Deployment(name).Create(Draft(), Anna, Token));

        error.Field.ShouldBe("name");
        error.Code.ShouldBe(ErrorCodes.NameTaken);
        error.Message.ShouldContain(name);
    }

    [Fact]
    public async Task Of_two_who_create_the_same_name_at_once_one_succeeds()
    {
        var name = NewName();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Silos.Deployment(name).Create(Draft(), $"person {i}", Token)));

        outcomes.Count(outcome => outcome.Succeeded).ShouldBe(1);
        (await Silos.Count("DeploymentIndex WHERE name = @name", ("@name", name))).ShouldBe(1);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_draft_is_told_at_once()
    {
        var name = NewName();
        var draft = new DeploymentDraft(
            new('x', 201),
            "",
            new()
            {
                Pods = "5-1",
                Gpu = 65,
                Environment = new Dictionary<string, string> { ["PORT"] = "1" },
            }
        );

        var outcome = await Silos.Deployment(name).Create(draft, Anna, Token);

        outcome
            .Errors.Select(error => error.Field)
            .ShouldBe(["title", "image", "configuration.pods", "configuration.gpu", "configuration.environment"], ignoreOrder: true);
        outcome.Errors.ShouldAllBe(error => error.Code == ErrorCodes.Invalid);
        outcome
            .Errors.Single(error => error.Field == "configuration.pods")
            .Message.ShouldBe($"configuration.pods must be {PodsRange.Allowed}; '5-1' was given.");
        (await Silos.Deployment(name).Get()).ShouldBeNull();
        (await Silos.Count("DeploymentIndex WHERE name = @name", ("@name", name))).ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_image_is_told_with_those_that_there_are()
    {
        var error = Error(await Silos.Deployment(NewName()).Create(Draft(image: "nowhere"), Anna, Token));

        error.Field.ShouldBe("image");
        error.Code.ShouldBe(ErrorCodes.Invalid);
        error.Message.ShouldContain("'nowhere'");
        error.Message.ShouldContain(ScriptedImageCatalog.Plain);
    }

    [Fact]
    public async Task An_image_that_cannot_be_started_here_is_refused_with_the_reason()
    {
        Silos.Images.Add(ScriptedImageCatalog.Make("foreign", unavailable: "python3 is not on the PATH: install it."));

        var error = Error(await Silos.Deployment(NewName()).Create(Draft(image: "foreign"), Anna, Token));

        error.Field.ShouldBe("image");
        error.Message.ShouldContain("python3 is not on the PATH: install it.");
    }

    [Fact]
    public async Task Creation_is_an_event_with_its_actor()
    {
        var name = NewName();
        await Create(name);

        var created = (await Silos.Deployment(name).Events()).ShouldHaveSingleItem();

        created.Kind.ShouldBe(EventKind.Created);
        created.Actor.ShouldBe(Anna);
        created.At.ShouldBe(Silos.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
    }
}
