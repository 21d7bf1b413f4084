using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using DeployCard.Domain.Deployments;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class SqliteDeploymentStoreTests() : DeploymentStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlDeploymentStoreTests() : DeploymentStoreTests(new TestPostgreSqlDatabase());

public abstract class DeploymentStoreTests(ITestDatabase database) : StoreTest<IDeploymentStore>(database, sql => new DeploymentStore(sql))
{
    [Fact]
    public async Task Listed_deployment_has_the_stored_values()
    {
        await Create("iris", state => (state.Title, state.Image, state.Status) = ("Irises", "samples/iris", DeploymentStatus.Ready));

        (await Items(new(), DeploymentOrder.Name)).ShouldBe([
            new(Name("iris"), "Irises", DeploymentStatus.Ready, "samples/iris", Start, Start.AddMinutes(1), null),
        ]);
    }

    [Fact]
    public async Task Deployments_are_listed_by_name_or_newest_first()
    {
        await Create("b", state => state.CreatedAt = Start.AddHours(2));
        await Create("a", state => state.CreatedAt = Start.AddHours(1));
        await Create("c", state => state.CreatedAt = Start.AddHours(3));

        (await Names(new(), DeploymentOrder.Name)).ShouldBe("a b c");
        (await Names(new(), DeploymentOrder.NewestFirst)).ShouldBe("c b a");
    }

    [Fact]
    public async Task Deleted_deployments_are_listed_only_on_request()
    {
        await Create("a", state => state.Status = DeploymentStatus.Deleted);
        await Create("b", state => state.Status = DeploymentStatus.Idle);
        await Create("c", state => state.Status = DeploymentStatus.Ready);

        (await Names(new())).ShouldBe("b c");
        (await Names(new(Statuses: []))).ShouldBe("b c");
        (await Names(new(Statuses: [DeploymentStatus.Deleted]))).ShouldBe("a");
        (await Names(new(Statuses: [DeploymentStatus.Deleted, DeploymentStatus.Ready, DeploymentStatus.Ready]))).ShouldBe("a c");
        (await Store.Count(new(), Token)).ShouldBe(2);
        (await Store.Count(new(Statuses: [DeploymentStatus.Deleted, DeploymentStatus.Ready]), Token)).ShouldBe(2);
    }

    [Theory]
    [InlineData("IRI", "iris")]
    [InlineData("ЦВЕТ", "rose")]
    [InlineData("100%", "tulip")]
    [InlineData("0_a", "tulip")]
    [InlineData(@"\", "tulip")]
    [InlineData("ОЛ", "rose")]
    [InlineData("0_A \\", "tulip")]
    [InlineData("\"00", "quoted")]
    [InlineData("ΟΔΌΣ", "quoted")]
    [InlineData("nothing", "")]
    [InlineData("n\0thing", "")]
    public async Task Search_matches_names_and_titles_ignoring_case(string search, string found)
    {
        await Create("iris");
        await Create("rose", state => state.Title = "Большой Цветок");
        await Create("tulip", state => state.Title = @"100% 0_A \ x");
        await Create("zero-a", state => state.Title = "1000 00A");
        await Create("quoted", state => state.Title = "x");
        await Create("quoted", state => state.Title = "\"00 οδός");

        (await Names(new(search))).ShouldBe(found);
        (await Store.Count(new(search), Token)).ShouldBe(found.Length == 0 ? 0 : 1);
    }

    [Fact]
    public async Task Search_with_many_results_is_paged_like_one_with_few()
    {
        for (var i = 0; i < 1100; i++)
            await Create($"model-{i:0000}", state => state.Title = i % 100 == 0 ? "Rare" : "Common");
        await Clear("deployment", "model-0100");

        (await Store.Count(new("model"), Token)).ShouldBe(1099);
        (await Store.List(new("common"), DeploymentOrder.Name, new(3), Token))
            .Items.Select(item => item.Item.Name.Value)
            .ShouldBe(["model-0001", "model-0002", "model-0003"]);
        var pages = await Paging.ReadAll(
            (cursor, back) => Store.List(new("RARE"), DeploymentOrder.NewestFirst, new(3, cursor, back), Token),
            isBackward: false
        );
        pages.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Name_filter_lists_only_deployments_with_these_names()
    {
        foreach (var name in new[] { "iris", "digits", "titanic" })
            await Create(name);
        var filter = new DeploymentFilter(Names: ["titanic", "iris", "nobody"]);

        (await Store.List(filter, DeploymentOrder.Name, new(10), Token))
            .Items.Select(item => item.Item.Name.Value)
            .ShouldBe(["iris", "titanic"]);
        (await Store.Count(filter with { Search = "ris" }, Token)).ShouldBe(1);
        (await Store.Count(filter with { Statuses = [DeploymentStatus.Deleted] }, Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Label_filter_lists_only_deployments_whose_current_revision_has_all_labels()
    {
        await Label("a", new Label("team", "search"), new("tier", "1"));
        await Label("b", new Label("team", "search"));
        await Label("c", new Label("team", "ads"), new("tier", "1"));
        await Create("d");

        (await Names(new(Labels: [new("team")]))).ShouldBe("a b c");
        (await Names(new(Labels: [new("team", "search")]))).ShouldBe("a b");
        (await Names(new(Labels: [new("team", "search"), new("tier")]))).ShouldBe("a");
        (await Names(new(Labels: [new("team", "none")]))).ShouldBe("");
        (await Names(new("b", Labels: [new("team")]))).ShouldBe("b");
        (await Store.Count(new(Labels: [new("tier", "1")]), Token)).ShouldBe(2);

        await Label("a", new Label("tier", "2"));
        await Write("deployment", "b", new DeploymentState());
        (await Names(new(Labels: [new("team")]))).ShouldBe("c");
        (await Names(new(Labels: [new("tier", "2")]))).ShouldBe("a");
        await Clear("deployment", "c");
        (await Source.Query("SELECT count(*) FROM DeploymentLabel", [], row => row.GetInt64(0), Token)).ShouldBe([1]);
    }

    [Theory]
    [InlineData(DeploymentOrder.Name, false)]
    [InlineData(DeploymentOrder.Name, true)]
    [InlineData(DeploymentOrder.NewestFirst, false)]
    [InlineData(DeploymentOrder.NewestFirst, true)]
    public async Task Paging_shows_each_deployment_once_in_both_directions(DeploymentOrder order, bool isBackward)
    {
        for (var i = 0; i < 10; i++)
            await Create(
                $"d{i}",
                state =>
                    (state.CreatedAt, state.Status) = (Start.AddHours(i / 4), i % 2 == 0 ? DeploymentStatus.Ready : DeploymentStatus.Idle)
            );
        var filter = new DeploymentFilter(Statuses: [DeploymentStatus.Ready, DeploymentStatus.Idle]);

        var pages = await Paging.ReadAll((cursor, back) => Store.List(filter, order, new(3, cursor, back), Token), isBackward);

        pages.Select(item => item.Name.Value).ShouldBe((await Items(filter, order)).Select(item => item.Name.Value));
        pages.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Invalid_cursor_or_cursor_of_another_order_is_rejected()
    {
        await Create("a");
        var cursor = (await Store.List(new(), DeploymentOrder.Name, new(1), Token)).Items[0].Cursor;

        foreach (var wrong in new[] { cursor, "", "%", "AAAA", "not a cursor" })
            await Should.ThrowAsync<InvalidCursorException>(() => Store.List(new(), DeploymentOrder.NewestFirst, new(1, wrong), Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task Page_size_out_of_range_is_rejected(int limit)
    {
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.List(new(), DeploymentOrder.Name, new(limit), Token));
    }

    [Fact]
    public async Task Active_deployments_are_listed_by_name()
    {
        foreach (var name in new[] { "c", "a", "b", "d" })
            await Create(name, state => state.IsActive = name != "b");

        (await Store.ListActive(null, 2, Token)).ShouldBe([Name("a"), Name("c")]);
        (await Store.ListActive(Name("c"), 2, Token)).ShouldBe([Name("d")]);
    }

    [Fact]
    public async Task List_follows_changes_of_the_state()
    {
        await Create("a");
        await Create("a", state => state.Title = "second");
        (await Items(new(), DeploymentOrder.Name)).Single().Title.ShouldBe("second");

        await Write("deployment", "a", new DeploymentState());
        (await Names(new())).ShouldBe("");

        await Create("a");
        await Clear("deployment", "a");
        (await Names(new())).ShouldBe("");
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "a")]
    [InlineData("""{"name":"a","title":null,"unknown":[1]}""", "a")]
    [InlineData("{}", "")]
    [InlineData("null", "")]
    public async Task State_with_missing_fields_can_be_stored(string json, string found)
    {
        await WritePayload("deployment", "a", System.Text.Encoding.UTF8.GetBytes(json));
        await WritePayload("deployment", "a", System.Text.Encoding.UTF8.GetBytes(json));

        (await Names(new())).ShouldBe(found);
    }

    private Task Create(string name, Action<DeploymentState>? change = null)
    {
        var state = new DeploymentState
        {
            Name = name,
            Title = name,
            Image = "image",
            CreatedAt = Start,
            UpdatedAt = Start.AddMinutes(1),
        };
        change?.Invoke(state);
        return Write("deployment", name, state);
    }

    private Task Label(string name, params Label[] labels) =>
        Create(
            name,
            state =>
                state.Revisions = [
                    new(1, "image", new() { Labels = [new("team", "former")] }, Start, "anna"),
                    new(2, "image", new() { Labels = [.. labels] }, Start, "anna"),
                ]
        );

    private static DeploymentName Name(string name) => DeploymentName.Parse(name);

    private async Task<IReadOnlyList<DeploymentSummary>> Items(DeploymentFilter filter, DeploymentOrder order) =>
        [.. (await Store.List(filter, order, new(100), Token)).Items.Select(item => item.Item)];

    private async Task<string> Names(DeploymentFilter filter, DeploymentOrder order = DeploymentOrder.Name) =>
        string.Join(' ', (await Items(filter, order)).Select(item => item.Name));
}
