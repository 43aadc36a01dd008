import java.nio.file.Path;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** Runs a Neo4j server until the process is told to end: the published jars have no main class. */
public final class Launcher {
    public static void main(String[] home_and_settings) throws InterruptedException {
        DatabaseManagementService server = new DatabaseManagementServiceBuilder(Path.of(home_and_settings[0]))
                .loadPropertiesFromFile(Path.of(home_and_settings[1]))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        System.out.println("server is up");
        Thread.currentThread().join();
    }
}
